/** The name somebody meant: near misses are found, and nothing is suggested where nothing is near. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../../src/text/nearest.ts";

const NAMES = ["monitor", "listen", "collect", "no-collect", "names", "prefix", "deadline-margin"];

describe("the nearest name", () => {
  it.each([
    ["monitr", "monitor"],
    ["mointor", "monitor"],
    ["MONITOR", "monitor"],
    ["colect", "collect"],
    ["nocollect", "no-collect"],
    ["name", "names"],
    ["perfix", "prefix"],
    ["deadlinemargin", "deadline-margin"],
  ])("to %s is %s", (wrong, right) => {
    expect(nearest(wrong, NAMES)).toBe(right);
  });

  it.each(["", "xyzzy", "q", "completely-different"])("to %j is none", (wrong) => {
    expect(nearest(wrong, NAMES)).toBeUndefined();
  });

  it("is none where there are no names", () => {
    expect(nearest("monitor", [])).toBeUndefined();
  });

  it("to a name is that name, and to anything is one of the names or none", () => {
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
