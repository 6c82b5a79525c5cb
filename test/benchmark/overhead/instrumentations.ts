/** Kinds of instrumentation by name: natscope, and those that it is compared with. */
import { type Attributes, context, propagation, SpanKind, type Tracer, trace } from "@opentelemetry/api";
import { Counter, Registry } from "prom-client";
import { instrument } from "../../../src/client/instrument.ts";
import type { HeadersShape } from "../../../src/client/shapes/headers.ts";
import { delegate } from "../../../src/client/wrapping/delegate.ts";
import type { Client, ClientPackage } from "./clients.ts";
import type { Instrumentation } from "./variants.ts";

/** Returns an instrumented connection; without a tracer it creates no spans. */
type Instrument = (client: Client, tracer: Tracer | undefined, from: ClientPackage) => Client;

/** Documented in `variants.ts`. */
export const INSTRUMENTATIONS: Readonly<Record<Instrumentation, Instrument>> = {
  none: (client) => client,
  module: (client) => client,
  natscope: (client, tracer) => instrument(client, { registry: new Registry(), tracer: tracer ?? false }),
  sdk: (client, tracer) => publishingWith(client, sdkAlone(client, tracer as Tracer)),
  naive: (client, tracer, from) => publishingWith(client, naive(client, tracer, from)),
};

type Publish = Client["publish"];

function publishingWith(client: Client, publish: Publish): Client {
  return delegate(client, { publish });
}

/** The same number of attributes as natscope's spans have. */
function attributesOf(subject: string): Attributes {
  return {
    "messaging.system": "nats",
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
    "messaging.destination.name": subject,
    "messaging.destination.template": subject,
    "messaging.client.id": "1",
    "server.address": "127.0.0.1",
    "server.port": 4222,
  };
}

function sdkAlone(client: Client, tracer: Tracer): Publish {
  return (subject, data) => {
    tracer
      .startSpan(`publish ${subject}`, { kind: SpanKind.PRODUCER, attributes: attributesOf(subject) })
      .end();
    client.publish(subject, data);
  };
}

function naive(client: Client, tracer: Tracer | undefined, { headers }: ClientPackage): Publish {
  const registers = [new Registry()];
  const labelNames = ["subject"];
  const messages = new Counter({ name: "messages_total", help: "Messages.", labelNames, registers });
  const bytes = new Counter({ name: "bytes_total", help: "Bytes.", labelNames, registers });
  const setter = { set: (to: HeadersShape, key: string, value: string) => to.set(key, value) };
  return (subject, data = "") => {
    messages.inc({ subject });
    bytes.inc({ subject }, data.length);
    if (!tracer) return client.publish(subject, data);
    const kind = SpanKind.PRODUCER;
    const span = tracer.startSpan(`publish ${subject}`, { kind, attributes: attributesOf(subject) });
    const carrier = headers();
    propagation.inject(trace.setSpan(context.active(), span), carrier, setter);
    client.publish(subject, data, { headers: carrier });
    span.end();
  };
}
