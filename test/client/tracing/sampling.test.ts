import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { followsUnsampledParent, ignoresAttributes } from "../../../src/client/tracing/sampling.ts";

const tracerWith = (sampler?: Sampler) =>
  new TracerProvider({ ...(sampler && { sampler }) }).getTracer("test");

/** Its description is inherited from its parent class. */
class BySubject extends AlwaysOnSampler {
  override shouldSample() {
    return { decision: 0 };
  }
}

describe("a sampler", () => {
  it.each<[string, Sampler | undefined, { follows: boolean; ignores: boolean }]>([
    ["by default", undefined, { follows: true, ignores: true }],
    ["always on", new AlwaysOnSampler(), { follows: false, ignores: true }],
    ["always off", new AlwaysOffSampler(), { follows: true, ignores: true }],
    ["of a share", new TraceIdRatioBasedSampler(0.1), { follows: false, ignores: true }],
    [
      "of a share, parent-based",
      new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) }),
      { follows: true, ignores: true },
    ],
    [
      "that samples below unsampled parents",
      new ParentBasedSampler({ root: new AlwaysOnSampler(), remoteParentNotSampled: new AlwaysOnSampler() }),
      { follows: false, ignores: true },
    ],
    ["of the application", new BySubject(), { follows: false, ignores: false }],
    [
      "of the application, parent-based",
      new ParentBasedSampler({ root: new BySubject() }),
      { follows: true, ignores: false },
    ],
  ])("%s", (_, sampler, { follows, ignores }) => {
    const tracer = tracerWith(sampler);
    expect(followsUnsampledParent(tracer)).toBe(follows);
    expect(ignoresAttributes(tracer)).toBe(ignores);
  });

  it("is not assumed to follow its parent or ignore attributes if it is unknown", () => {
    const tracer = { startSpan: () => {}, startActiveSpan: () => {} } as never;
    expect(followsUnsampledParent(tracer)).toBe(false);
    expect(ignoresAttributes(tracer)).toBe(false);
  });
});
