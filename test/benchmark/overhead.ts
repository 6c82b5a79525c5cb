/**
 * What observing costs: an instrumented connection beside a raw one, as ratios of one run.
 *
 *     npm run bench:overhead                          # everything, five minutes
 *     npm run bench:overhead -- publish heap          # some sections: publish, delivery, request, heap
 *     npm run bench:overhead -- publish --rows naive  # of those, the rows with this in their name
 *     npm run bench:overhead -- --with ./other.mjs    # and a module that instruments the client when loaded
 *
 * Each row has a process of its own, in which a raw and an observed connection take turns; the server and what
 * is on its other side have theirs. Processor time is what counts: on a small machine the wall clock also says
 * what the server had to do. Never fails for what it measures.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runNatsServer } from "../../tools/nats-server/run.ts";
import { GENERATIONS } from "./overhead/clients.ts";
import type { HeapMark } from "./overhead/heap.ts";
import type { Assignment, Said } from "./overhead/measured.ts";
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
        observing: "nobody" as const,
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
    const first = launch % 2 === 0 || variant.observing === "module" ? "raw" : "observed";
    const said = await assign(side, { ...base, variant, first });
    if (!("rounds" in said)) throw new Error("expected rounds");
    rounds.push(...said.rounds);
    spans.ended += said.spans?.ended ?? 0;
    spans.exported += said.spans?.exported ?? 0;
  }
  return { variant, comparison: comparisonOf(rounds), spans };
}

/** What is compiled how differs from process to process, by some hundredths: where these matter, more are asked. */
function launchesOf({ tracing }: Variant): number {
  return tracing === "off" ? 4 : 2;
}

/** Two at once: nothing is timed. */
async function reportHeaps(side: ServerSide, base: Omit<Assignment, "variant">): Promise<void> {
  const report = async (observing: "nobody" | "natscope"): Promise<void> => {
    const said = await assign(side, { ...base, variant: "heap", observing });
    if (!("heap" in said)) throw new Error("expected a heap");
    console.log(`  ${observing === "nobody" ? "raw" : "metrics"}: ${describeHeap(said.heap)}`);
  };
  console.log(
    "MB of heap after so many million messages, published and delivered, each with its own subject",
  );
  await Promise.all([report("nobody"), report("natscope")]);
  console.log();
}

function describeHeap(marks: readonly HeapMark[]): string {
  return marks.map(({ messages, bytes }) => `${(bytes / 1e6).toFixed(1)} (${messages / 1e6})`).join(", ");
}

/** Lets a process do it, and gives back what it has found out. */
async function assign(side: ServerSide, assignment: Assignment): Promise<Exclude<Said, { feed: unknown }>> {
  const child = fork(MEASURED_PROCESS, [JSON.stringify(assignment)], {
    execArgv: [...process.execArgv, "--expose-gc"],
  });
  let found: Exclude<Said, { feed: unknown }> | undefined;
  child.on("message", (said: Said) => {
    if ("feed" in said) side.feed(said.feed);
    else found = said;
  });
  const [code] = await once(child, "exit");
  if (!found) throw new Error(`a measured process ended with ${code} and said nothing`);
  return found;
}

await main();
