import { compareSync, hashSync } from "bcryptjs";
import { expect, it } from "vitest";
import { isBcryptHash } from "../../../src/http/access/bcrypt.ts";

const HASH = hashSync("secret", 4);
const [, , , SALT_AND_HASH] = HASH.split("$");

it("accepts the versions and costs that bcryptjs can check", () => {
  for (const version of ["2a", "2b", "2y"]) {
    const hash = `$${version}$04$${SALT_AND_HASH}`;
    expect(isBcryptHash(hash), hash).toBe(true);
    expect(compareSync("secret", hash), hash).toBe(true);
  }
  for (const cost of ["04", "09", "10", "19", "20", "29", "30", "31"]) {
    expect(isBcryptHash(`$2b$${cost}$${SALT_AND_HASH}`), cost).toBe(true);
  }
});

it.each([
  ["the obsolete version", `$2$04$${SALT_AND_HASH}`],
  ["the version of a faulty implementation", `$2x$04$${SALT_AND_HASH}`],
  ["a cost below 4", `$2b$03$${SALT_AND_HASH}`],
  ["a cost above 31", `$2b$32$${SALT_AND_HASH}`],
  ["a cost of one digit", `$2b$4$${SALT_AND_HASH}`],
  ["a hash cut short", HASH.slice(0, -1)],
  ["a character more", `${HASH}a`],
  ["a line feed at the end", `${HASH}\n`],
  ["a password", "secret"],
])("rejects %s", (_, text) => {
  expect(isBcryptHash(text)).toBe(false);
});
