/** Lists of servers: addresses, TLS and credentials. No error shows a password. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import { parseServers } from "../../../src/nats/connect/servers.ts";

describe("a list of servers", () => {
  it.each([
    ["localhost", ["localhost:4222"]],
    ["nats://a:1, b:65535,tls://c,", ["a:1", "b:65535", "c:4222"]],
    ["::1", ["[::1]:4222"]],
    ["nats://[2001:db8::1]:4333/", ["[2001:db8::1]:4333"]],
    ["10.0.0.1:80,10.0.0.1:80", ["10.0.0.1:80"]],
    ["NATS://a", ["a:4222"]],
  ])("%j has the addresses %j", (text, addresses) => {
    expect(parseServers(text)).toMatchObject({ addresses });
  });

  it("requires TLS if one of the servers does", () => {
    expect(parseServers("nats://a,b")).toMatchObject({ tls: false });
    expect(parseServers("nats://a,tls://b")).toMatchObject({ tls: true });
  });

  it.each([
    ["nats://bob:s3cret@a", { user: "bob", password: "s3cret" }],
    // The client would read the password as a port.
    ["bob:123@a", { user: "bob", password: "123" }],
    ["nats://b%40b:p%2Cw%2Fx@a,c", { user: "b@b", password: "p,w/x" }],
    ["nats://bob:p@ss@a,tls://bob:p@ss@b", { user: "bob", password: "p@ss" }],
    ["nats://bob:@a", { user: "bob", password: "" }],
    ["nats://t0ken@a", { token: "t0ken" }],
  ])("takes the credentials out of %j", (text, credentials) => {
    const servers = parseServers(text);
    expect(servers).toMatchObject({ credentials });
    expect(JSON.stringify({ ...servers, credentials: undefined })).not.toMatch(/@|bob|t0ken/);
  });

  it.each([
    ["", /^has no server/],
    [" , ", /^has no server/],
    ["http://a", /^is "http:\/\/a": expected host, host:port, nats:\/\/host:port or tls:/],
    ["wss://a", /WebSockets are not supported$/],
    ["a:0", /^is "a:0"/],
    ["a:65536", /port from 1 to 65535/],
    ["a,b:x", /^has the entry 2 \("b:x"\): expected/],
    ["a/path", /^is/],
    ["[::1", /^is/],
    ["[xyz]", /^is/],
    ["nats://u:p@a,nats://u:q@b", /different credentials/],
  ])("%j is an error", (text, why) => {
    expect(parseServers(text)).toMatchObject({ why: expect.stringMatching(why) });
  });

  it.each([
    "nats://bob:s3cret@a:x",
    "nats://bob:s3cret@a:1,nats://bob:s3cret@b:x",
    "nats://bob:pass,s3cret@a", // The comma splits the password.
    "nats://bob:s3cret,word@a",
    "nats://bob:s3cret%zz@a",
    "nats://a?token=s3cret",
    "nats://s3cret@a,nats://other@b",
  ])("shows nothing of %j that may be a secret", (text) => {
    const invalid = parseServers(text);
    expect(invalid).toBeInstanceOf(InvalidValue);
    expect((invalid as InvalidValue).why).not.toContain("s3cret");
  });

  it("decodes every user and password that is encoded for a URL", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: "binary" }),
        fc.string({ unit: "binary" }),
        (user, password) => {
          const url = `nats://${encodeURIComponent(user)}:${encodeURIComponent(password)}@host:4333`;
          expect(parseServers(url)).toEqual({
            addresses: ["host:4333"],
            tls: false,
            credentials: { user, password },
          });
        },
      ),
    );
  });

  it("never throws", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[nats:/@[\],.?#%0-9a-f]{0,40}$/));
    fc.assert(fc.property(text, (any) => void parseServers(any)));
  });
});
