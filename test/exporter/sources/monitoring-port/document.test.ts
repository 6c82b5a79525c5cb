/** A document read in pieces has the value of `JSON.parse` of the whole, or throws a SyntaxError. */
import { createHistogram } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document } from "../../../../src/exporter/sources/monitoring-port/document.ts";

const CUT = ["stream_detail", "consumer_detail"];

function read(bytes: Buffer | string, cut: readonly string[] = CUT): Document {
  const reading = Document.read(Buffer.from(bytes), cut, 0);
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
  }
}

/** The whole value, assembled from its pieces as a collector would read them. */
function whole(document: Document, value: unknown = document.root): unknown {
  if (Array.isArray(value)) return [...document.elements(value)].map((element) => whole(document, element));
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.create(null);
  for (const key of Object.keys(value)) copy[key] = whole(document, (value as Record<string, unknown>)[key]);
  return { ...copy };
}

/** The result of `whole` if nothing is cut: `__proto__` is an ordinary key. */
const parsed = (text: string): unknown => whole(Document.of(null), JSON.parse(text));

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...CUT) },
  fc.constantFrom("stream_detai", "stream_detail ", "__proto__", "constructor", "length", ""),
  fc.string({ unit: "grapheme" }),
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        ",",
        ":",
        '"stream_detail":[',
        "\n",
        "\u{1f600}",
        "\ud83d",
      ),
    )
    .map((parts) => parts.join("")),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.oneof(
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => new Members(entries)),
    fc
      .array(fc.tuple(key, fc.array(tie("value"), { maxLength: 4 })), { maxLength: 3 })
      .map((e) => new Members(e)),
  ),
})).value;

/** An object in JSON text: keys may repeat. */
class Members {
  readonly entries: readonly (readonly [string, unknown])[];
  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries;
  }
}

/** Writes JSON with random blanks between its tokens, and some characters of strings as escapes. */
function write(value: unknown, blank: () => string, escaped: () => boolean): string {
  const list = (items: string[], open: string, close: string): string =>
    open + (items.length === 0 ? blank() : items.map((item) => blank() + item + blank()).join(",")) + close;
  const string = (content: string): string => {
    const written = JSON.stringify(content);
    if (!escaped()) return written;
    return written.replace(/[a-z](?=[^\\]*"$)/, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  };
  if (Array.isArray(value))
    return list(
      value.map((item) => write(item, blank, escaped)),
      "[",
      "]",
    );
  if (value instanceof Members) {
    const members = value.entries.map(
      ([name, member]) => `${string(name)}${blank()}:${blank()}${write(member, blank, escaped)}`,
    );
    return list(members, "{", "}");
  }
  return typeof value === "string" ? string(value) : JSON.stringify(value);
}

const written = fc
  .tuple(
    json,
    fc.constantFrom("", " ", "\n  ", "\n      ", "\r\n\t"),
    fc.boolean(),
    fc.infiniteStream(fc.nat(3)),
  )
  .map(([value, blank, irregular, choices]) => {
    const next = (): number => choices.next().value as number;
    return write(
      value,
      () => (irregular ? " ".repeat(next()) + (next() === 0 ? "\n     " : "") : blank),
      () => next() === 0,
    );
  });

describe("a document in pieces", () => {
  it("has the same value as the whole, for any JSON text", () => {
    fc.assert(
      fc.property(written, fc.subarray(CUT), fc.nat(7), (source, cut, offset) => {
        // Replies need not begin at an aligned address.
        const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(source)]).subarray(offset);
        const reading = Document.read(bytes, cut, 0);
        let step = reading.next();
        while (!step.done) step = reading.next();
        expect(whole(step.value)).toEqual(parsed(source));
      }),
      { numRuns: 1000 },
    );
  });

  it("throws a SyntaxError if it is truncated anywhere", () => {
    fc.assert(
      fc.property(written, (source) => {
        const bytes = Buffer.from(source);
        for (let end = 0; end <= bytes.length; end++) sameAsParser(bytes.subarray(0, end));
      }),
      { numRuns: 30 },
    );
  });

  it("throws a SyntaxError for any bytes, exactly if the whole does not parse", () => {
    const fragment = fc.constantFrom(
      ...["[", "]", "{", "}", ",", ":", '"', "\\", " ", "\n", "1", "null", '"a"', '"stream_detail":['],
      ...['{"stream_detail":[', '"consumer_detail" : [', "]}", "},{", '"0"'],
    );
    const soup = fc.array(fragment, { maxLength: 30 }).map((parts) => Buffer.from(parts.join("")));
    const bytes = fc.uint8Array().map((array) => Buffer.from(array));
    fc.assert(fc.property(fc.oneof(soup, bytes), sameAsParser), { numRuns: 3000 });
  });

  it("with one changed byte throws a SyntaxError exactly if the whole does not parse", () => {
    fc.assert(
      fc.property(written, fc.nat(), fc.constantFrom(...'[]{},:"\\ 1'), (source, at, byte) => {
        const bytes = Buffer.from(source);
        bytes[at % bytes.length] = byte.charCodeAt(0);
        sameAsParser(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  function sameAsParser(bytes: Buffer): void {
    const source = bytes.toString("utf8");
    let expected: unknown;
    try {
      expected = parsed(source);
    } catch {
      // An element is parsed when it is read, and only the last of equal keys is read.
      if (repeatsACutKey(source)) expectNothingButSyntaxErrors(() => whole(read(bytes)));
      else expect(() => whole(read(bytes))).toThrow(SyntaxError);
      return;
    }
    expect(whole(read(bytes))).toEqual(expected);
  }

  function repeatsACutKey(source: string): boolean {
    const plain = source.replaceAll(/\\u00([67].)/g, (_, code) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    return CUT.some((name) => plain.split(`"${name}"`).length > 2);
  }

  function expectNothingButSyntaxErrors(action: () => unknown): void {
    try {
      action();
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
    }
  }
});

describe("references", () => {
  it("replace elements, so the length of a cut array is known before they are read", () => {
    const document = read('{"stream_detail":[{"a":1}, [], "x", 7, null]}');
    const cut = (document.root as { stream_detail: unknown[] }).stream_detail;
    expect(cut).toHaveLength(5);
    expect([...document.elements(cut)]).toEqual([{ a: 1 }, [], "x", 7, null]);
  });

  it("are not confused with a reply's own numbers and strings", () => {
    const source = '{"stream_detail":[{"n":[0,1,2]}],"other":[0,"0",1],"stream\\u005fdetail":[0]}';
    expect(whole(read(source))).toEqual(JSON.parse(source));
    // Not even if the reply repeats a reference of another document.
    const reference = JSON.stringify(
      (read('{"stream_detail":[1]}').root as { stream_detail: [string] }).stream_detail,
    );
    const echo = `{"stream_detail":[1],"other":${reference}}`;
    expect(whole(read(echo))).toEqual(JSON.parse(echo));
  });

  it("to an invalid element throw when it is reached, not before", () => {
    const document = read('{"stream_detail":[1, {"a" 2}, 3]}');
    const elements = document.elements((document.root as { stream_detail: unknown[] }).stream_detail);
    expect(elements.next().value).toBe(1);
    expect(() => elements.next()).toThrow(SyntaxError);
  });

  it.each([undefined, null, 7, "text", { 0: 1 }])("do not exist for %j", (value) => {
    expect([...read("{}").elements(value)]).toEqual([]);
  });

  it("are not needed for a wrapped value", () => {
    const document = Document.of({ list: [1, "0", null] });
    expect([...document.elements((document.root as { list: unknown[] }).list)]).toEqual([1, "0", null]);
    expect(Document.of(undefined).root).toBeNull();
  });
});

describe("deep nesting", () => {
  const DEEP = 100_000;

  it.each([
    ["[", "]"],
    ['{"stream_detail":', "}"],
    ['{"stream_detail":[', "]}"],
    ['{"a":[', "]}"],
  ])("reads or rejects 100,000 levels of %s", (open, close) => {
    for (const source of [open.repeat(DEEP) + close.repeat(DEEP), open.repeat(DEEP)]) {
      let failure: unknown;
      try {
        const document = read(source);
        let value: unknown = document.root;
        for (let depth = 0; depth < DEEP && typeof value === "object" && value !== null; depth++) {
          const [inner] = Object.values(value);
          value = Array.isArray(inner) ? [...document.elements(inner)][0] : inner;
        }
      } catch (error) {
        failure = error;
      }
      expect(failure ?? new SyntaxError()).toBeInstanceOf(SyntaxError);
    }
  });
});

describe("a small reply", () => {
  it("is parsed at once, and read by the same methods", () => {
    const step = Document.read(Buffer.from('{"stream_detail":[{"name":"S"}]}'), CUT).next();
    const document = step.value as Document;
    expect(step.done).toBe(true);
    expect(document.root).toEqual({ stream_detail: [{ name: "S" }] });
    expect([...document.elements((document.root as { stream_detail: unknown }).stream_detail)]).toEqual([
      { name: "S" },
    ]);
  });
});

describe("a large reply", () => {
  const consumer = { name: "c", config: { durable_name: "c", metadata: { a: "\u{1f600}" } }, num_pending: 1 };
  const stream = (consumers: number): object => ({
    name: "S",
    state: { messages: 1 },
    consumer_detail: Array(consumers).fill(consumer),
  });
  const reply = (streams: number, consumers: number): Buffer =>
    Buffer.from(JSON.stringify({ stream_detail: Array(streams).fill(stream(consumers)) }, null, 2));

  it.each([
    ["1,000 streams of 10 consumers", 1000, 10],
    ["one stream of 10,000 consumers", 1, 10_000],
  ])("reads %s completely, with many yields", (_, streams, consumers) => {
    const bytes = reply(streams, consumers);
    const reading = Document.read(bytes, CUT, 0);
    let yields = 0;
    let step = reading.next();
    for (; !step.done; step = reading.next()) yields++;
    expect(yields).toBeGreaterThanOrEqual(Math.floor(bytes.length / 600_000));
    const document = step.value;
    const sizes = createHistogram();
    let count = 0;
    for (const element of document.elements((document.root as { stream_detail: unknown }).stream_detail)) {
      const { consumer_detail: details } = element as { consumer_detail: unknown[] };
      for (const detail of document.elements(details)) {
        expect(detail).toEqual(consumer);
        count++;
      }
      sizes.record(Math.max(1, JSON.stringify(element).length));
    }
    expect(count).toBe(streams * consumers);
    // Only a reference for each element is parsed at once, not the element.
    expect(sizes.max).toBeLessThan(40 * consumers + 200);
  });
});
