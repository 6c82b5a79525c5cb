import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AckFacts, readAckSubject } from "../../../../src/bench/driver/nats/ack-subject.ts";

const nothing = (): AckFacts => ({ streamSequence: -1, deliveryCount: -1, storedAtMs: -1 });
const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("an ack subject", () => {
  it("is parsed in every form, with the precision of a number", () => {
    const facts = fc.record({ deliveries: count, sequence: count, consumed: count, pending: count });
    const nanoseconds = fc.bigInt({ min: 1_000_000n, max: 9_000_000_000_000_000_000n });
    const heads = fc.tuple(token, token, token, token, fc.constantFrom("old", "new", "random"));
    fc.assert(
      fc.property(facts, nanoseconds, heads, ({ deliveries, sequence, consumed, pending }, at, head) => {
        const [domain, account, stream, consumer, form] = head;
        const tail = `${stream}.${consumer}.${deliveries}.${sequence}.${consumed}.${at}.${pending}`;
        const subject = {
          old: `$JS.ACK.${tail}`,
          new: `$JS.ACK.${domain}.${account}.${tail}`,
          random: `$JS.ACK.${domain}.${account}.${tail}.x7`,
        }[form as "old" | "new" | "random"];
        const read = nothing();
        expect(readAckSubject(subject, read)).toBe(true);
        expect(read).toEqual({
          deliveryCount: deliveries,
          streamSequence: sequence,
          storedAtMs: Number(at / 1_000_000n) + Number(at % 1_000_000n) / 1e6,
        });
      }),
    );
  });

  it.each([
    "",
    "_INBOX.a.b",
    "$JS.ACK.",
    "$JS.ACK.S.C.1.2.3.4",
    "$JS.ACK.S.C.1.2.3.1700000000000000000.0.9",
    "$JS.ACK.S.C.one.2.3.1700000000000000000.0",
    "$JS.ACK.S.C..2.3.1700000000000000000.0",
    "$JS.FC.S.C.1.2.3.1700000000000000000.0",
  ])("rejects %j", (subject) => {
    const read = nothing();
    expect(readAckSubject(subject, read)).toBe(false);
    expect(read).toEqual(nothing());
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 14 }), (tokens) => {
        const read = nothing();
        const isOne = readAckSubject(`$JS.ACK.${tokens.join(".")}`, read);
        expect(isOne || read.streamSequence === -1).toBe(true);
      }),
    );
  });
});
