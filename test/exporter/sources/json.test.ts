/** Accessors for a server's JSON: any value is safe to read. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, list, object, text } from "../../../src/exporter/sources/json.ts";

describe("reading a JSON document", () => {
  it("follows own properties only, never the prototype", () => {
    const document = JSON.parse('{"a":{"__proto__":{"b":1},"list":[{"c":2}]}}');
    expect(at(document, ["a", "__proto__", "b"])).toBe(1);
    expect(at(document, ["a", "list", "0", "c"])).toBe(2);
    for (const path of [["toString"], ["a", "constructor"], ["a", "b"], ["a", "list", "c"], ["x", "y"]]) {
      expect(at(document, path)).toBeUndefined();
    }
    expect(at(document, [])).toBe(document);
  });

  it("accepts any value and any path", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (value, path) => {
        at(value, path);
        expect(typeof object(value)).toBe("object");
        expect(Array.isArray(list(value))).toBe(true);
        expect(typeof text(value)).toBe("string");
      }),
    );
  });
});
