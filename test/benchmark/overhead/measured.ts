/**
 * The process in which one variant is compared with a raw connection. `overhead.ts` starts it and is also the other
 * client of the server: it publishes the messages for deliveries and answers requests.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { context, ROOT_CONTEXT, type Span, TraceFlags, trace } from "@opentelemetry/api";
import { type Client, connectTo, type Generation, loadAlone } from "./clients.ts";
import { type HeapMark, heapMarks } from "./heap.ts";
import { INSTRUMENTATIONS } from "./instrumentations.ts";
import { type Effort, type Round, type Run, takeTurns } from "./rounds.ts";
import type { Feed } from "./server-side.ts";
import { Spans } from "./spans.ts";
import type { Instrumentation, Section, Variant } from "./variants.ts";

/** Task of this process; its argument, as JSON. */
export interface Assignment {
  readonly server: string;
  readonly generation: Generation;
  /** Subject on which requests are answered. */
  readonly service: string;
  readonly variant: Variant | "heap";
  /** Instrumentation for the heap; a variant has its own. */
  readonly instrumentation: Instrumentation;
  /** The connection whose copy of the client is loaded first: the order affects memory and compiled code. */
  readonly first?: "raw" | "instrumented";
  /** Module to load for the instrumentation `module`. */
  readonly module?: string | undefined;
}

/** Message from this process to its parent. */
export type Report =
  | { readonly feed: Feed }
  | { readonly rounds: readonly Round[]; readonly spans?: SpanCount }
  | { readonly heap: readonly HeapMark[] };

/** Spans of sampled traces. */
export interface SpanCount {
  readonly ended: number;
  readonly exported: number;
}

const EFFORTS: Readonly<Record<Section, Effort>> = {
  publish: { operations: 40_000, warmUpRounds: 3, milliseconds: 1_200, minRounds: 5 },
  delivery: { operations: 40_000, warmUpRounds: 3, milliseconds: 1_200, minRounds: 5 },
  request: { operations: 8_000, warmUpRounds: 2, milliseconds: 1_200, minRounds: 5 },
};

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const SUBJECTS = ["orders.created", "orders.paid", "orders.shipped", "orders.returned"];

/** Loads a copy of the loops for one connection. */
async function loopsFor(connection: "raw" | "instrumented"): Promise<typeof import("./workloads.ts")> {
  return import(new URL(`./workloads.ts?for=${connection}`, import.meta.url).href);
}

type Loops = Awaited<ReturnType<typeof loopsFor>>;

async function main(assignment: Assignment): Promise<void> {
  const { server, generation, variant } = assignment;
  if (variant !== "heap") return send(await measure(assignment, variant));
  const from = loadAlone(generation);
  const client = await connectTo(server, from);
  send({ heap: await heapMarks(INSTRUMENTATIONS[assignment.instrumentation](client, undefined, from)) });
  await client.close();
}

async function measure(assignment: Assignment, variant: Variant): Promise<Report> {
  const { server, generation, first } = assignment;
  const spans = variant.tracing === "off" ? undefined : new Spans(variant.tracing);
  const open = async (instrumentation: Instrumentation): Promise<{ client: Client; inner: Client }> => {
    if (instrumentation === "module" && assignment.module) await import(urlOf(assignment.module));
    const from = loadAlone(generation);
    const inner = await connectTo(server, from);
    return { client: INSTRUMENTATIONS[instrumentation](inner, spans?.tracer, from), inner };
  };
  const early = await open(first === "instrumented" ? variant.instrumentation : "none");
  const late = await open(first === "instrumented" ? "none" : variant.instrumentation);
  const [raw, instrumented] = first === "instrumented" ? [late, early] : [early, late];
  const rawRun = runOf(assignment, variant, raw.client, await loopsFor("raw"), "raw");
  const instrumentedRun = runOf(
    assignment,
    variant,
    instrumented.client,
    await loopsFor("instrumented"),
    "instrumented",
  );
  let operations = 0;
  const within = contextOf(variant);
  const runWithin: Run = (count) => {
    operations += count;
    return context.with(within, instrumentedRun, undefined, count);
  };
  const rounds = await takeTurns(rawRun, runWithin, EFFORTS[variant.section]);
  const counted = variant.tracing === "sampled" && spans;
  const exported = counted && (await counted.exported());
  await Promise.all([raw.inner.close(), instrumented.inner.close()]);
  return {
    rounds,
    ...(exported !== undefined && exported !== false && { spans: { ended: operations, exported } }),
  };
}

function runOf(
  { service }: Assignment,
  variant: Variant,
  client: Client,
  loops: Loops,
  connection: string,
): Run {
  switch (variant.section) {
    case "publish":
      return (count) =>
        loops.publish(client, SUBJECTS, count, variant.publishedInATurn ?? loops.PUBLISHED_IN_A_TURN);
    case "request":
      return (count) => loops.request(client, service, count);
    case "delivery": {
      const subject = `delivered.to.${connection.padStart(8, "-")}`;
      const deliveries = new loops.Deliveries(client, subject);
      const flags = { "unsampled parent": "00", sampled: "01", "ratio 0": undefined, off: undefined }[
        variant.tracing
      ];
      return async (count) => {
        // The server must know the subscription before the messages come.
        await client.flush();
        const all = deliveries.wait(count);
        send({ feed: { subject, count, ...(flags && { traceparent: `${TRACEPARENT}-${flags}` }) } });
        await all;
      };
    }
  }
}

/** Returns the context that is active while the instrumented connection is used. */
function contextOf({ tracing }: Variant) {
  if (tracing !== "unsampled parent") return ROOT_CONTEXT;
  const [, traceId = "", spanId = ""] = TRACEPARENT.split("-");
  const parent: Span = trace.wrapSpanContext({ traceId, spanId, traceFlags: TraceFlags.NONE });
  return trace.setSpan(ROOT_CONTEXT, parent);
}

function urlOf(module: string): string {
  return /^[./]/.test(module) ? pathToFileURL(resolve(module)).href : import.meta.resolve(module);
}

function send(report: Report): void {
  process.send?.(report);
}

await main(JSON.parse(process.argv[2] as string) as Assignment);
process.disconnect?.();
