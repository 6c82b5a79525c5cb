/** Where credentials may be and which form they have. No error shows them. */
import { nkeys } from "nats";
import { describe, expect, it } from "vitest";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import {
  expandPath,
  isUserSeed,
  materialOf,
  parseUserCredentials,
  parseUserSeed,
  secretOf,
} from "../../../src/nats/connect/credentials.ts";
import { credsText, fakeFiles, HOME, issueIdentities, seedOf } from "./fixture-files.ts";

const { userJwt, userSeed } = issueIdentities();
const system = {
  environment: { DIR: "/secrets", TOKEN: "from-a-variable", EMPTY: "" },
  files: fakeFiles({ "/secrets/token": "from-a-file\r\n" }),
};

describe("a path", () => {
  it.each([
    ["/a/b", "/a/b"],
    ["~/a", `${HOME}/a`],
    ["~", HOME],
    ["/a~b", "/a~b"],
    ["$DIR/a", "/secrets/a"],
    [`\${DIR}a`, "/secretsa"],
  ])("%j is %j", (text, path) => {
    expect(expandPath(text, system)).toBe(path);
  });

  it.each(["$NOWHERE/a", "$EMPTY/a"])("%j with a variable that is not set is an error", (text) => {
    expect(expandPath(text, system)).toMatchObject({
      why: expect.stringMatching(/^uses \$\w+, which is not set$/),
    });
  });

  it.each([userSeed, userJwt, credsText(userJwt, userSeed)])(
    "must not be the secret itself, and the error does not show it",
    (text) => {
      const invalid = materialOf(text, system);
      expect(invalid).toMatchObject({ why: expect.stringContaining("env://NAME") });
      expect(JSON.stringify(invalid)).not.toContain(text.slice(0, 12));
    },
  );
});

describe("a reference", () => {
  const base64 = Buffer.from("from-the-text").toString("base64");

  it.each([
    ["plain", "plain"],
    ["env://TOKEN", "from-a-variable"],
    ["ENV://TOKEN", "from-a-variable"],
    ["file:///secrets/token", "from-a-file"],
    ["file://$DIR/token", "from-a-file"],
    [`data:;base64,${base64}`, "from-the-text"],
    [`data:application/octet-stream;base64,${base64}`, "from-the-text"],
    // Passwords that look like references.
    ["data:x", "data:x"],
    ["s3://x", "s3://x"],
    ["env:TOKEN", "env:TOKEN"],
  ])("%j resolves to the secret %j", (text, secret) => {
    expect(secretOf(text, system)).toBe(secret);
  });

  it.each([
    ["env://NOWHERE", "is an env:// reference to a variable that is not set"],
    ["env://EMPTY", "is an env:// reference to a variable that is not set"],
    ["file:///secrets/none", 'names "/secrets/none", which does not exist'],
    ["op://vault/item", /^begins with op:\/\/, which would run a program/],
    ["nsc://O/A/U", /^begins with nsc:\/\/, which would run a program/],
    ["data:;base64,%%%", /^is a data: reference without Base64: expected/],
  ])("%j is an error", (text, why) => {
    expect(secretOf(text, system)).toMatchObject({ why: expect.stringMatching(why) });
  });

  it("may be a path if the setting names a file, and the file is not opened", () => {
    expect(materialOf("~/u.creds", system)).toEqual({ file: `${HOME}/u.creds` });
    expect(materialOf("file://$DIR/u.creds", system)).toEqual({ file: "/secrets/u.creds" });
    expect(materialOf("C:\\u.creds", system)).toEqual({ file: "C:\\u.creds" });
    expect(materialOf("env://TOKEN", system)).toEqual({ text: "from-a-variable" });
    expect(materialOf("data:oops", system)).toBeInstanceOf(InvalidValue);
  });
});

describe("a credentials file", () => {
  const text = credsText(userJwt, userSeed);

  it.each([
    ["in the form of nsc", text],
    ["with Windows line ends", text.replaceAll("\n", "\r\n")],
    ["without its last line end", text.slice(0, text.lastIndexOf("------END USER") + 30)],
    ["indented", text.replaceAll("\n", "\n  ")],
  ])("is read %s", (_, content) => {
    expect(parseUserCredentials(content)).toEqual({ jwt: userJwt, seed: userSeed });
  });

  it.each([
    ["without content", ""],
    ["without a seed", text.slice(0, text.indexOf("***"))],
    ["with the seed of an account", credsText(userJwt, seedOf(nkeys.createAccount()))],
    [
      "with a typing error in the seed",
      // Not in the last character, some of whose bits are unused.
      credsText(userJwt, `${userSeed.slice(0, 20)}${userSeed[20] === "A" ? "B" : "A"}${userSeed.slice(21)}`),
    ],
    ["without a valid JWT", credsText("x.y", userSeed)],
  ])("is invalid %s", (_, content) => {
    expect(parseUserCredentials(content)).toBeUndefined();
  });

  it("has the seed of an nkey alone or between lines of dashes", () => {
    expect(parseUserSeed(`${userSeed}\n`)).toBe(userSeed);
    expect(parseUserSeed(text)).toBe(userSeed);
    expect(parseUserSeed(nkeys.createUser().getPublicKey())).toBeUndefined();
    expect(isUserSeed(seedOf(nkeys.createOperator()))).toBe(false);
  });
});
