/**
 * Both client generations behind one interface, so that each test is written once. The generations differ in
 * how an application gets JetStream, buckets and services. Also collects the results of an instrumented
 * connection: samples of its registry and ended spans.
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
/** A client generation. */
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

/** Runs a suite for each generation. */
export function describeEachClient(title: string, suite: (client: ClientGeneration) => void): void {
  for (const client of CLIENTS) describe(`${title} (${client.name})`, () => suite(client));
}

/**
 * Registers a context manager and the W3C propagators for this test process. Call it once, at the top of a
 * test file.
 */
export function keepContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  );
}

/** Ended spans, in the order of their end. */
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

  /** The ended spans of this name. */
  named(name: string): readonly ReadableSpan[] {
    return this.ended.filter((span) => span.name === name);
  }

  reset(): void {
    this.#exporter.reset();
  }
}

/** Runs a function within a new span, then ends the span. Returns both. */
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
 * All samples of a registry as `name{labels}` and value, so that a test can compare them as a whole. Buckets,
 * sums, zeros and round trips are left out.
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

/** A server, an instrumented connection to it, and its results. */
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

/** Connects to a running server. Call `keepContexts` before. */
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
