/**
 * Both generations of clients behind one face, so that a test is written once: what differs between them is
 * how JetStream, key-value, object store and services are come by. And what an instrumented connection leaves:
 * samples in a registry, spans that have ended.
 */

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import * as transport from "@nats-io/transport-node";
import { type Context, context, propagation, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import * as nats from "nats";
import { Registry } from "prom-client";
import { describe } from "vitest";
import { instrument } from "../../src/client/instrument.ts";
import type { InstrumentOptions } from "../../src/client/options.ts";
import type { ConnectionShape } from "../../src/client/shapes/connection.ts";
import { type RunningNatsServer, runNatsServer } from "../../tools/nats-server/run.ts";

/* biome-ignore-start lint/suspicious/noExplicitAny: the generations' types have nothing in common */
/** A generation of clients. */
export interface ClientGeneration {
  readonly name: "nats 2" | "@nats-io 3";
  connect(options: Record<string, unknown>): Promise<any>;
  jetstream(connection: any, options?: object): any;
  jetstreamManager(connection: any): Promise<any>;
  /** Creates or opens a bucket. */
  keyValue(connection: any, bucket: string, options?: object): Promise<any>;
  objectStore(connection: any, bucket: string, options?: object): Promise<any>;
  addService(connection: any, config: object): Promise<any>;
  headers(): any;
  /** `RequestStrategy` by name. */
  strategy(name: "timer" | "count" | "stall" | "sentinel"): any;
}

export const CLIENTS: readonly ClientGeneration[] = [
  {
    name: "nats 2",
    connect: (options) => nats.connect(options),
    jetstream: (connection, options) => connection.jetstream(options),
    jetstreamManager: (connection) => connection.jetstreamManager(),
    keyValue: (connection, bucket, options) => connection.jetstream().views.kv(bucket, options),
    objectStore: (connection, bucket, options) => connection.jetstream().views.os(bucket, options),
    addService: (connection, config) => connection.services.add(config),
    headers: () => nats.headers(),
    strategy: (name) =>
      ({
        timer: nats.RequestStrategy.Timer,
        count: nats.RequestStrategy.Count,
        stall: nats.RequestStrategy.JitterTimer,
        sentinel: nats.RequestStrategy.SentinelMsg,
      })[name],
  },
  {
    name: "@nats-io 3",
    connect: (options) => transport.connect(options),
    jetstream: (connection, options) => jetstream(connection, options),
    jetstreamManager: (connection) => jetstreamManager(connection),
    keyValue: (connection, bucket, options) => new Kvm(connection).create(bucket, options),
    objectStore: (connection, bucket, options) => new Objm(connection).create(bucket, options),
    addService: (connection, config) => new Svcm(connection).add(config as never),
    headers: () => transport.headers(),
    strategy: (name) => name,
  },
];
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

/** One suite for each generation. */
export function describeEachClient(title: string, suite: (client: ClientGeneration) => void): void {
  for (const client of CLIENTS) describe(`${title} (${client.name})`, () => suite(client));
}

/** Contexts are kept and written as W3C has it, in this test process; call once, at the top of a test file. */
export function keepContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  );
}

/** Spans that have ended, in the order of their end. */
export class Spans {
  readonly #exporter = new InMemorySpanExporter();
  readonly #provider: TracerProvider;

  constructor(sampler?: Sampler) {
    this.#provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#exporter })],
      ...(sampler && { sampler }),
    });
  }

  get tracer() {
    return this.#provider.getTracer("test");
  }

  get ended(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Those with this name. */
  named(name: string): readonly ReadableSpan[] {
    return this.ended.filter((span) => span.name === name);
  }

  reset(): void {
    this.#exporter.reset();
  }
}

/** Runs it within a span of its own, which is ended afterwards; gives both. */
export async function within<T>(
  spans: Spans,
  run: (span: Span, active: Context) => Promise<T> | T,
): Promise<{ result: T; span: Span }> {
  const span = spans.tracer.startSpan("test");
  const active = trace.setSpan(context.active(), span);
  try {
    return { result: await context.with(active, () => run(span, active)), span };
  } finally {
    span.end();
  }
}

/**
 * All samples of a registry as `name{labels}` and value, without buckets and sums, and without what is zero:
 * what a test can compare as a whole. Round trips are left out.
 */
export async function samplesOf(registry: Registry): Promise<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    if (name === "nats_connection_round_trip_seconds") continue;
    for (const { value, labels, metricName } of values as readonly Sample[]) {
      const full = metricName ?? name;
      if (value === 0 || /_(bucket|sum)$/.test(full)) continue;
      const text = Object.entries(labels).map(([label, one]) => `${label}="${one}"`);
      samples[text.length > 0 ? `${full}{${text.join(",")}}` : full] = value;
    }
  }
  return samples;
}

interface Sample {
  readonly value: number;
  readonly labels: Record<string, string>;
  readonly metricName?: string;
}

/** A server, an instrumented connection to it, and what that leaves. */
export interface InstrumentedFixture extends AsyncDisposable {
  readonly server: RunningNatsServer;
  // biome-ignore lint/suspicious/noExplicitAny: of either generation
  readonly connection: any;
  /** Another connection to the same server, not instrumented. */
  // biome-ignore lint/suspicious/noExplicitAny: of either generation
  readonly raw: any;
  readonly registry: Registry;
  readonly spans: Spans;
  samples(): Promise<Record<string, number>>;
}

/** Connects to a server that runs. Contexts have to be kept already. */
export async function instrumentClient(
  client: ClientGeneration,
  server: RunningNatsServer,
  options: InstrumentOptions & {
    readonly connect?: Record<string, unknown>;
    readonly sampler?: Sampler;
  } = {},
): Promise<InstrumentedFixture> {
  const { connect, sampler, ...rest } = options;
  const registry = new Registry();
  const spans = new Spans(sampler);
  const raw = await client.connect({ servers: server.clientUrl });
  const inner = await client.connect({ servers: server.clientUrl, ...connect });
  const connection = instrument(inner as ConnectionShape, { registry, tracer: spans.tracer, ...rest });
  return {
    server,
    connection,
    raw,
    registry,
    spans,
    samples: () => samplesOf(registry),
    async [Symbol.asyncDispose]() {
      await Promise.all([inner.close(), raw.close()]);
    },
  };
}

export { runNatsServer };
