/** Typing errors are recognised; nothing is suggested if no name is similar. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../src/text/nearest.ts";

const NAMES = ["monitor", "listen", "collect", "no-collect", "names", "prefix", "deadline-margin"];

describe("nearest", () => {
  it.each([
    ["monitr", "monitor"],
    ["mointor", "monitor"],
    ["MONITOR", "monitor"],
    ["colect", "collect"],
    ["nocollect", "no-collect"],
    ["name", "names"],
    ["perfix", "prefix"],
    ["deadlinemargin", "deadline-margin"],
  ])("returns for %s the name %s", (wrong, right) => {
    expect(nearest(wrong, NAMES)).toBe(right);
  });

  it.each(["", "xyzzy", "q", "completely-different"])("returns nothing for %j", (wrong) => {
    expect(nearest(wrong, NAMES)).toBeUndefined();
  });

  it("returns nothing without names", () => {
    expect(nearest("monitor", [])).toBeUndefined();
  });

  it("returns a known name itself, and one of the names or nothing for any text", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { selector: (name) => name.toLowerCase() }),
        (names) => {
          for (const name of names) expect(nearest(name, names)).toBe(name);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), (wrong) => {
        expect([...NAMES, undefined]).toContain(nearest(wrong, NAMES));
      }),
    );
  });
});
