/**
 * Cost of instrumentation: an instrumented connection compared with a raw one, as ratios within one run.
 *
 *     npm run bench:overhead                          # everything, five minutes
 *     npm run bench:overhead -- publish heap          # some sections: publish, delivery, request, heap
 *     npm run bench:overhead -- publish --rows naive  # only rows with this in their name
 *     npm run bench:overhead -- --with ./other.mjs    # also a module that instruments the client when it is loaded
 *
 * Each row has its own process, in which a raw and an instrumented connection take turns; the server and its other
 * clients have theirs. The ratio of processor time counts: on a small machine the wall-clock time includes the work of
 * the server. The exit code does not depend on the result.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { GENERATIONS } from "./overhead/clients.ts";
import type { HeapMark } from "./overhead/heap.ts";
import type { Assignment, Report } from "./overhead/measured.ts";
import { type Measured, tableOf } from "./overhead/report.ts";
import { comparisonOf, type Round } from "./overhead/rounds.ts";
import { ServerSide } from "./overhead/server-side.ts";
import { VARIANTS, type Variant, variantsOfModule } from "./overhead/variants.ts";

const MEASURED_PROCESS = fileURLToPath(new URL("./overhead/measured.ts", import.meta.url));
const SERVICE = "benchmark.service";
const SECTIONS = ["publish", "delivery", "request", "heap"] as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { with: { type: "string" }, rows: { type: "string", default: "" } },
  });
  const unknown = positionals.filter((section) => !(SECTIONS as readonly string[]).includes(section));
  if (unknown.length > 0) {
    throw new Error(`expected some of ${SECTIONS.join(", ")}, got ${unknown.join(", ")}`);
  }
  const wanted = (section: string): boolean => positionals.length === 0 || positionals.includes(section);
  const variants = [...VARIANTS, ...(values.with === undefined ? [] : variantsOfModule(values.with))];
  await using server = await runNatsServer();
  const side = await ServerSide.start(server.clientUrl, SERVICE);
  try {
    for (const generation of GENERATIONS) {
      console.log(`${generation}\n`);
      const base = {
        server: server.clientUrl,
        generation,
        service: SERVICE,
        module: values.with,
        instrumentation: "none" as const,
      };
      const measured: Measured[] = [];
      for (const variant of variants.filter(
        ({ section, name }) => wanted(section) && name.includes(values.rows),
      )) {
        measured.push(await measure(side, base, variant));
      }
      if (measured.length > 0) console.log(`${tableOf(measured)}\n`);
      if (wanted("heap") && values.rows === "") await reportHeaps(side, base);
    }
  } finally {
    side.close();
  }
}

async function measure(
  side: ServerSide,
  base: Omit<Assignment, "variant">,
  variant: Variant,
): Promise<Measured> {
  const rounds: Round[] = [];
  const spans = { ended: 0, exported: 0 };
  for (let launch = 0; launch < launchesOf(variant); launch++) {
    const first = launch % 2 === 0 || variant.instrumentation === "module" ? "raw" : "instrumented";
    const report = await assign(side, { ...base, variant, first });
    if (!("rounds" in report)) throw new Error("expected rounds");
    rounds.push(...report.rounds);
    spans.ended += report.spans?.ended ?? 0;
    spans.exported += report.spans?.exported ?? 0;
  }
  return { variant, comparison: comparisonOf(rounds), spans };
}

/**
 * Compiled code differs between processes by a few percent, so rows with small differences run in more
 * processes.
 */
function launchesOf({ tracing }: Variant): number {
  return tracing === "off" ? 4 : 2;
}

/** Measures both heaps at the same time, because nothing is timed. */
async function reportHeaps(side: ServerSide, base: Omit<Assignment, "variant">): Promise<void> {
  const printHeap = async (instrumentation: "none" | "natscope"): Promise<void> => {
    const report = await assign(side, { ...base, variant: "heap", instrumentation });
    if (!("heap" in report)) throw new Error("expected a heap");
    console.log(`  ${instrumentation === "none" ? "raw" : "metrics"}: ${describeHeap(report.heap)}`);
  };
  console.log("MB of heap (after millions of messages, published and delivered, each with its own subject)");
  await Promise.all([printHeap("none"), printHeap("natscope")]);
  console.log();
}

function describeHeap(marks: readonly HeapMark[]): string {
  return marks.map(({ messages, bytes }) => `${(bytes / 1e6).toFixed(1)} (${messages / 1e6})`).join(", ");
}

/** Runs an assignment in a child process and returns its result. */
async function assign(side: ServerSide, assignment: Assignment): Promise<Exclude<Report, { feed: unknown }>> {
  const child = fork(MEASURED_PROCESS, [JSON.stringify(assignment)], {
    execArgv: [...process.execArgv, "--expose-gc"],
  });
  let found: Exclude<Report, { feed: unknown }> | undefined;
  child.on("message", (report: Report) => {
    if ("feed" in report) side.feed(report.feed);
    else found = report;
  });
  const [code] = await once(child, "exit");
  if (!found) throw new Error(`a measured process ended with ${code} and without a result`);
  return found;
}

await main();
