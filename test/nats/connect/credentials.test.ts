/** Where credentials may be and what they must look like; never what they are, in a sentence. */
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
import { credsText, HOME, issueIdentities, madeFiles, seedOf } from "./made-files.ts";

const { userJwt, userSeed } = issueIdentities();
const scene = {
  environment: { DIR: "/secrets", TOKEN: "from-a-variable", EMPTY: "" },
  files: madeFiles({ "/secrets/token": "from-a-file\r\n" }),
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
    expect(expandPath(text, scene)).toBe(path);
  });

  it.each(["$NOWHERE/a", "$EMPTY/a"])("is not %j, which speaks of what is not set", (text) => {
    expect(expandPath(text, scene)).toMatchObject({
      why: expect.stringMatching(/^speaks of \$\w+, which is not set$/),
    });
  });

  it.each([userSeed, userJwt, credsText(userJwt, userSeed)])("is no secret itself", (text) => {
    const refusal = materialOf(text, scene);
    expect(refusal).toMatchObject({ why: expect.stringContaining("env://NAME") });
    expect(JSON.stringify(refusal)).not.toContain(text.slice(0, 12));
  });
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
    // A password that happens to look like one.
    ["data:x", "data:x"],
    ["s3://x", "s3://x"],
    ["env:TOKEN", "env:TOKEN"],
  ])("%j is the secret %j", (text, secret) => {
    expect(secretOf(text, scene)).toBe(secret);
  });

  it.each([
    ["env://NOWHERE", "refers by env:// to a variable that is not set"],
    ["env://EMPTY", "refers by env:// to a variable that is not set"],
    ["file:///secrets/none", 'names "/secrets/none", which does not exist'],
    ["op://vault/item", /^begins with op:\/\/, which would run a program/],
    ["nsc://O/A/U", /^begins with nsc:\/\/, which would run a program/],
    ["data:;base64,%%%", /^begins with data:, but must go on/],
  ])("%j leads nowhere", (text, why) => {
    expect(secretOf(text, scene)).toMatchObject({ why: expect.stringMatching(why) });
  });

  it("to secret material without scheme is a file, looked for later", () => {
    expect(materialOf("~/u.creds", scene)).toEqual({ file: `${HOME}/u.creds` });
    expect(materialOf("file://$DIR/u.creds", scene)).toEqual({ file: "/secrets/u.creds" });
    expect(materialOf("C:\\u.creds", scene)).toEqual({ file: "C:\\u.creds" });
    expect(materialOf("env://TOKEN", scene)).toEqual({ text: "from-a-variable" });
    expect(materialOf("data:oops", scene)).toBeInstanceOf(InvalidValue);
  });
});

describe("credentials", () => {
  const text = credsText(userJwt, userSeed);

  it.each([
    ["as nsc writes them", text],
    ["with the ends of line of Windows", text.replaceAll("\n", "\r\n")],
    ["without the end of the last line", text.slice(0, text.lastIndexOf("------END USER") + 30)],
    ["indented", text.replaceAll("\n", "\n  ")],
  ])("are found %s", (_, content) => {
    expect(parseUserCredentials(content)).toEqual({ jwt: userJwt, seed: userSeed });
  });

  it.each([
    ["nothing", ""],
    ["a JWT alone", text.slice(0, text.indexOf("***"))],
    ["another's seed", credsText(userJwt, seedOf(nkeys.createAccount()))],
    [
      "a seed with a mistake",
      // Not at its end, where some bits mean nothing.
      credsText(userJwt, `${userSeed.slice(0, 20)}${userSeed[20] === "A" ? "B" : "A"}${userSeed.slice(21)}`),
    ],
    ["no JWT", credsText("x.y", userSeed)],
  ])("are not %s", (_, content) => {
    expect(parseUserCredentials(content)).toBeUndefined();
  });

  it("of an nkey are a seed, bare or between dashes", () => {
    expect(parseUserSeed(`${userSeed}\n`)).toBe(userSeed);
    expect(parseUserSeed(text)).toBe(userSeed);
    expect(parseUserSeed(nkeys.createUser().getPublicKey())).toBeUndefined();
    expect(isUserSeed(seedOf(nkeys.createOperator()))).toBe(false);
  });
});
