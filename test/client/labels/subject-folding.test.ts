import fc from "fast-check";
import { nuid } from "nats";
import { describe, expect, it } from "vitest";
import {
  covers,
  foldIds,
  isInbox,
  isPattern,
  looksLikeId,
  systemSubject,
} from "../../../src/client/labels/subject-folding.ts";

const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.string()).map((all) => all.join(".")),
);
const token = fc.stringMatching(/^[a-z]{1,6}$/);
const subject = fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join("."));

describe("folding", () => {
  it("replaces tokens that look like ids", () => {
    const folded: [string, string][] = [
      ["orders.42.created", "orders.*.created"],
      ["orders.-7", "orders.*"],
      ["users.550e8400-e29b-41d4-a716-446655440000.mail", "users.*.mail"],
      ["users.550e8400e29b41d4a716446655440000", "users.*"],
      ["events.01ARZ3NDEKTSV4RRFFQ69G5FAV", "events.*"],
      ["jobs.deadbeef1", "jobs.*"],
      ["jobs.a-token-that-is-longer-than-a-word", "jobs.*"],
      ["jobs.5LEJ1KHWCVW5TNBJ3FNBQK", "jobs.*"],
      // Without a digit, like one NUID in fifty.
      ["jobs.qWeRtYuIoPaSdFgHjKlZxC", "jobs.*"],
      ["a.*.>", "a.*.>"],
    ];
    expect(folded.map(([from]) => foldIds(from))).toEqual(folded.map(([, to]) => to));
  });

  it("leaves words unchanged", () => {
    for (const word of [
      "orders",
      "v2",
      "us-east-1",
      "facade",
      "decade",
      "customerOrderCompleted",
      "customer_order_closed_",
      "Ünïcødé",
      "",
    ]) {
      expect(foldIds(word)).toBe(word);
    }
  });

  it("recognises the ids of NATS, except one in some thousands that could be a word", () => {
    const ids = fc.sample(fc.stringMatching(/^[0-9A-Za-z]{22}$/), { seed: 4, numRuns: 20_000 });
    const known = ids.filter(looksLikeId).length;
    expect(known / ids.length).toBeGreaterThan(0.999);
    expect(looksLikeId(nuid.next().replace(/.$/, "0"))).toBe(true);
  });

  it("never throws, is idempotent, and has a maximum length", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const folded = foldIds(text);
        expect(foldIds(folded)).toBe(folded);
        const tokens = folded.split(".");
        expect(tokens.length).toBeLessThanOrEqual(16);
        for (const one of tokens) expect(one.length).toBeLessThanOrEqual(24);
      }),
    );
  });

  it("keeps subjects that consist of words", () => {
    fc.assert(
      fc.property(subject, (text) => {
        expect(foldIds(text)).toBe(text);
      }),
    );
  });

  it("returns a pattern that matches the folded subject", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(token, fc.uuid(), fc.nat().map(String)), { minLength: 1, maxLength: 30 }),
        (tokens) => {
          const text = tokens.join(".");
          expect(isPattern(foldIds(text))).toBe(true);
          expect(covers(foldIds(text), text)).toBe(true);
        },
      ),
    );
  });
});

describe("a template", () => {
  it("matches the same subjects as in the server", () => {
    const yes = [
      ["a.b", "a.b"],
      ["a.*", "a.b"],
      ["*.*", "a.b"],
      ["a.>", "a.b"],
      ["a.>", "a.b.c.d"],
      [">", "a"],
      ["*.b.>", "a.b.c"],
    ];
    const no = [
      ["a", "a.b"],
      ["a.*", "a"],
      ["a.*", "a.b.c"],
      ["a.>", "a"],
      ["a.b", "a.B"],
      ["*.b", "a.c"],
    ];
    for (const [pattern, text] of yes) expect(covers(pattern as string, text as string)).toBe(true);
    for (const [pattern, text] of no) expect(covers(pattern as string, text as string)).toBe(false);
  });

  it("is a subject with wildcards only as whole tokens", () => {
    for (const good of ["a", "a.*", ">", "a.*.b.>", "*"]) expect(isPattern(good), good).toBe(true);
    for (const bad of ["", ".", "a.", ".a", "a..b", "a.>.b", "a*", "a.b>", "a b", "a\tb"]) {
      expect(isPattern(bad), bad).toBe(false);
    }
  });

  it("matches itself, and > matches everything", () => {
    fc.assert(
      fc.property(subject, (text) => {
        expect(covers(text, text)).toBe(true);
        expect(covers(">", text)).toBe(true);
      }),
    );
  });
});

describe("system subjects", () => {
  it("have one label of each kind", () => {
    const collapsed: [string, string | undefined][] = [
      ["_INBOX.abc.def", "_INBOX"],
      ["_INBOX", "_INBOX"],
      ["_INBOXES.a", undefined],
      ["$JS.ACK.S.C.1.2.3.4.5", "$JS.ACK"],
      ["$JS.API.STREAM.INFO.S", "$JS.API"],
      ["$JS.FC.S.C.x", "$JS"],
      ["$KV.bucket.some.key", "$KV.bucket.*"],
      ["$O.bucket.C.nuid", "$O.bucket.C.*"],
      ["$O.bucket.M.name", "$O.bucket.M.*"],
      ["$SRV.PING.x", "$SRV"],
      ["$SYS.REQ.USER.INFO", "$SYS"],
      ["$mine.a", undefined],
      ["orders.$JS.ACK", undefined],
    ];
    expect(collapsed.map(([from]) => systemSubject(from))).toEqual(collapsed.map(([, to]) => to));
  });

  it("include inboxes with the connection's prefix and with the default one", () => {
    expect(systemSubject("my.inbox.1", "my.inbox")).toBe("_INBOX");
    expect(systemSubject("_INBOX.1", "my.inbox")).toBe("_INBOX");
    expect(systemSubject("my.inboxes.1", "my.inbox")).toBeUndefined();
    expect(isInbox("my.inbox", "my.inbox")).toBe(true);
  });

  it("are recognised in any string without an exception", () => {
    fc.assert(
      fc.property(
        anything,
        fc.option(anything),
        (text, prefix) => void systemSubject(text, prefix ?? undefined),
      ),
    );
  });
});
