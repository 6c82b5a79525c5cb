/**
 * The process in which one variant is measured against a raw connection. Started by `overhead.ts`, which is on
 * the other side of the server as well: it publishes what is to be delivered, and answers requests.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { context, ROOT_CONTEXT, type Span, TraceFlags, trace } from "@opentelemetry/api";
import { type Client, connectTo, type Generation, loadAlone } from "./clients.ts";
import { type HeapMark, heapMarks } from "./heap.ts";
import { OBSERVERS } from "./observers.ts";
import { type Effort, type Round, type Run, takeTurns } from "./rounds.ts";
import type { Feed } from "./server-side.ts";
import { Spans } from "./spans.ts";
import type { Observing, Section, Variant } from "./variants.ts";

/** What is to be measured: the argument of this process, as JSON. */
export interface Assignment {
  readonly server: string;
  readonly generation: Generation;
  /** Who answers requests. */
  readonly service: string;
  readonly variant: Variant | "heap";
  /** Of the heap: whose. */
  readonly observing: Observing;
  /** Whose copy of the client is loaded first: memory and compiled code are not the same for both. */
  readonly first?: "raw" | "observed";
  /** What the variant `module` loads. */
  readonly module?: string | undefined;
}

/** What this process says to the one that started it. */
export type Said =
  | { readonly feed: Feed }
  | { readonly rounds: readonly Round[]; readonly spans?: SpanCount }
  | { readonly heap: readonly HeapMark[] };

/** What became of the spans of sampled traces. */
export interface SpanCount {
  readonly ended: number;
  readonly exported: number;
}

const EFFORTS: Readonly<Record<Section, Effort>> = {
  publish: { operations: 40_000, warmUpRounds: 3, milliseconds: 1_200, leastRounds: 5 },
  delivery: { operations: 40_000, warmUpRounds: 3, milliseconds: 1_200, leastRounds: 5 },
  request: { operations: 8_000, warmUpRounds: 2, milliseconds: 1_200, leastRounds: 5 },
};

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const SUBJECTS = ["orders.created", "orders.paid", "orders.shipped", "orders.returned"];

/** A copy of the loops for one connection. */
async function loopsFor(who: "raw" | "observed"): Promise<typeof import("./workloads.ts")> {
  return import(new URL(`./workloads.ts?for=${who}`, import.meta.url).href);
}

type Loops = Awaited<ReturnType<typeof loopsFor>>;

async function main(assignment: Assignment): Promise<void> {
  const { server, generation, variant } = assignment;
  if (variant !== "heap") return say(await measure(assignment, variant));
  const from = loadAlone(generation);
  const client = await connectTo(server, from);
  say({ heap: await heapMarks(OBSERVERS[assignment.observing](client, undefined, from)) });
  await client.close();
}

async function measure(assignment: Assignment, variant: Variant): Promise<Said> {
  const { server, generation, first } = assignment;
  const spans = variant.tracing === "off" ? undefined : new Spans(variant.tracing);
  const open = async (observing: Observing): Promise<{ client: Client; inner: Client }> => {
    if (observing === "module" && assignment.module) await import(urlOf(assignment.module));
    const from = loadAlone(generation);
    const inner = await connectTo(server, from);
    return { client: OBSERVERS[observing](inner, spans?.tracer, from), inner };
  };
  const early = await open(first === "observed" ? variant.observing : "nobody");
  const late = await open(first === "observed" ? "nobody" : variant.observing);
  const [raw, observed] = first === "observed" ? [late, early] : [early, late];
  const rawRun = runOf(assignment, variant, raw.client, await loopsFor("raw"), "raw");
  const observedRun = runOf(assignment, variant, observed.client, await loopsFor("observed"), "observed");
  let operations = 0;
  const within = contextOf(variant);
  const runWithin: Run = (count) => {
    operations += count;
    return context.with(within, observedRun, undefined, count);
  };
  const rounds = await takeTurns(rawRun, runWithin, EFFORTS[variant.section]);
  const counted = variant.tracing === "sampled" && spans;
  const exported = counted && (await counted.exported());
  await Promise.all([raw.inner.close(), observed.inner.close()]);
  return {
    rounds,
    ...(exported !== undefined && exported !== false && { spans: { ended: operations, exported } }),
  };
}

function runOf({ service }: Assignment, variant: Variant, client: Client, loops: Loops, who: string): Run {
  switch (variant.section) {
    case "publish":
      return (count) =>
        loops.publish(client, SUBJECTS, count, variant.publishedInATurn ?? loops.PUBLISHED_IN_A_TURN);
    case "request":
      return (count) => loops.request(client, service, count);
    case "delivery": {
      const subject = `delivered.to.${who.padStart(8, "-")}`;
      const deliveries = new loops.Deliveries(client, subject);
      const flags = { "unsampled parent": "00", sampled: "01", "ratio 0": undefined, off: undefined }[
        variant.tracing
      ];
      return async (count) => {
        // The server has to know of the subscription.
        await client.flush();
        const all = deliveries.wait(count);
        say({ feed: { subject, count, ...(flags && { traceparent: `${TRACEPARENT}-${flags}` }) } });
        await all;
      };
    }
  }
}

/** What is active while the observed connection is used. */
function contextOf({ tracing }: Variant) {
  if (tracing !== "unsampled parent") return ROOT_CONTEXT;
  const [, traceId = "", spanId = ""] = TRACEPARENT.split("-");
  const parent: Span = trace.wrapSpanContext({ traceId, spanId, traceFlags: TraceFlags.NONE });
  return trace.setSpan(ROOT_CONTEXT, parent);
}

function urlOf(module: string): string {
  return /^[./]/.test(module) ? pathToFileURL(resolve(module)).href : import.meta.resolve(module);
}

function say(said: Said): void {
  process.send?.(said);
}

await main(JSON.parse(process.argv[2] as string) as Assignment);
process.disconnect?.();
