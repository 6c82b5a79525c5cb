import { context, createContextKey, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  ContextWithSpan,
  propagatorTrustsTraceparent,
  SoleTraceparent,
} from "../../../src/client/tracing/message-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

/** A delivered message with these headers, not decoded yet. */
function messageWith(headers: string, change: object = {}): object {
  const bytes = Buffer.from(`${headers}payload`, "latin1");
  return { _msg: { hdr: headers.length }, _rdata: new Uint8Array(bytes), _headers: undefined, ...change };
}

const block = (...lines: string[]): string =>
  `NATS/1.0\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;

describe("a sender read from undecoded headers", () => {
  it("is that of a lone traceparent", () => {
    const sampled = SoleTraceparent.of(messageWith(block(`traceparent: 00-${TRACE}-${SPAN}-01`)));
    expect(sampled?.isSampled).toBe(true);
    expect(sampled?.span.spanContext()).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    });
    const unsampled = SoleTraceparent.of(messageWith(block(`traceparent: 00-${TRACE}-${SPAN}-00`)));
    expect(unsampled?.isSampled).toBe(false);
    expect(unsampled?.span.spanContext()).toMatchObject({ spanId: SPAN, traceFlags: 0 });
  });

  it("is the same span at each access", () => {
    const sender = SoleTraceparent.of(messageWith(block(`traceparent: 00-${TRACE}-${SPAN}-01`)));
    expect(sender?.span).toBe(sender?.span);
  });

  it.each([
    ["another header", block(`traceparent: 00-${TRACE}-${SPAN}-01`, "a: b")],
    ["another header of the same length", block(`tracepa-ent: 00-${TRACE}-${SPAN}-01`)],
    ["another case", block(`Traceparent: 00-${TRACE}-${SPAN}-01`)],
    ["no trace id", block(`traceparent: 00-${"0".repeat(32)}-${SPAN}-01`)],
    ["a character after 9", block(`traceparent: 00-${TRACE}-b7ad6b716920333:-01`)],
    ["a letter after f", block(`traceparent: 00-g${TRACE.slice(1)}-${SPAN}-01`)],
    ["another dash", block(`traceparent: 00-${TRACE}_${SPAN}-01`)],
    ["a flag of two digits", block(`traceparent: 00-${TRACE}-${SPAN}-10`)],
    ["another end", `${block(`traceparent: 00-${TRACE}-${SPAN}-01`).slice(0, -1)} `],
    ["no span id", block(`traceparent: 00-${TRACE}-${"0".repeat(16)}-01`)],
    ["upper case", block(`traceparent: 00-${TRACE.toUpperCase()}-${SPAN}-01`)],
    ["another version", block(`traceparent: 01-${TRACE}-${SPAN}-01`)],
    ["flags that are not known", block(`traceparent: 00-${TRACE}-${SPAN}-03`)],
    ["two lines in one's length", block(`traceparent: 00-${TRACE}\r\n${SPAN}-01`)],
  ])("is left to the propagator: %s", (_, headers) => {
    expect(SoleTraceparent.of(messageWith(headers))).toBeUndefined();
  });

  it("is undefined if headers were decoded, or are not bytes, so that the propagator reads them", () => {
    const headers = block(`traceparent: 00-${TRACE}-${SPAN}-01`);
    expect(SoleTraceparent.of(messageWith(headers, { _headers: {} }))).toBeUndefined();
    expect(SoleTraceparent.of(messageWith(headers, { _rdata: headers }))).toBeUndefined();
    expect(SoleTraceparent.of(messageWith(headers, { _rdata: new Uint8Array(3) }))).toBeUndefined();
    expect(SoleTraceparent.of({})).toBeUndefined();
  });
});

describe("a traceparent", () => {
  afterEach(() => propagation.disable());

  it("is trusted if the propagator reads it unchanged", () => {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    expect(propagatorTrustsTraceparent()).toBe(true);
  });

  it("is not trusted if the propagator trusts no sender", () => {
    class Distrustful extends W3CTraceContextPropagator {
      override extract(from: typeof ROOT_CONTEXT) {
        return from;
      }
    }
    propagation.setGlobalPropagator(new Distrustful());
    expect(propagatorTrustsTraceparent()).toBe(false);
  });

  it("is not trusted without a propagator", () => {
    expect(propagatorTrustsTraceparent()).toBe(false);
  });
});

describe("a context with a span", () => {
  const key = createContextKey("of the application");
  const outer = ROOT_CONTEXT.setValue(key, "outer");
  const span = trace.wrapSpanContext({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });

  it("has the values of trace.setSpan", () => {
    const inner = new ContextWithSpan(outer, { span });
    expect(trace.getSpan(inner)).toBe(span);
    expect(inner.getValue(key)).toBe("outer");
    expect(trace.getSpan(inner.setValue(key, "changed"))).toBe(span);
    expect(inner.setValue(key, "changed").getValue(key)).toBe("changed");
    expect(inner.deleteValue(key).getValue(key)).toBeUndefined();
    expect(trace.getSpan(trace.deleteSpan(inner))).toBeUndefined();
    expect(trace.deleteSpan(inner).getValue(key)).toBe("outer");
    const other = trace.wrapSpanContext({ traceId: TRACE, spanId: "1111111111111111", traceFlags: 1 });
    expect(trace.getSpan(trace.setSpan(inner, other))).toBe(other);
  });

  it("can be the active context", () => {
    expect(context.with(new ContextWithSpan(outer, { span }), () => "ran")).toBe("ran");
  });
});
