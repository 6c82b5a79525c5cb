import { hashSync } from "bcryptjs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { BasicAuthentication, type Users } from "../../../src/http/access/basic-auth.ts";
import { webConfigFromFlags } from "../../../src/http/web-config/config.ts";
import { ask, startFixture, startMonitoring } from "../../exporter/server/fixture.ts";

/** The lowest cost: these tests do not measure time. */
const COST = 4;

let users: Users;

beforeAll(() => {
  const alice = hashSync("wonderland", COST);
  users = new Map([
    ["alice", { bcrypt: alice }],
    ["algol", { bcrypt: `$2a${hashSync("a:b:c", COST).slice(3)}` }],
    ["bob", { bcrypt: `$2y${hashSync("builder é", COST).slice(3)}` }],
    ["carol", { password: "plain" }],
    ["", { bcrypt: hashSync("nameless", COST) }],
  ]);
});

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function authentication(): BasicAuthentication {
  const created = new BasicAuthentication();
  onTestFinished(() => created.close());
  return created;
}

describe("BasicAuthentication", () => {
  it.each([
    ["alice", "wonderland"],
    ["algol", "a:b:c"],
    ["bob", "builder é"],
    ["carol", "plain"],
    ["", "nameless"],
  ])("admits %s with the right password, each time", async (user, password) => {
    const checker = authentication();
    for (let time = 0; time < 3; time++) {
      expect(await checker.verify(basic(user, password), users)).toBe("admitted");
    }
  });

  it.each([
    ["a wrong password", basic("alice", "Wonderland")],
    ["a plain password that is wrong", basic("carol", "plain ")],
    ["the password of another user", basic("alice", "plain")],
    ["a part of the hash", basic("alice", "$2b$04$")],
    ["no password", basic("alice", "")],
    ["an unknown user", basic("mallory", "wonderland")],
    ["a user named as a property of objects", basic("__proto__", "wonderland")],
    ["no header", undefined],
    ["an empty header", ""],
    ["another scheme", `Bearer ${Buffer.from("alice:wonderland").toString("base64")}`],
    ["no colon", `Basic ${Buffer.from("alice").toString("base64")}`],
    ["invalid Base64", "Basic alice:wonderland"],
    ["nothing after the scheme", "Basic "],
  ])("refuses %s, also after the right password", async (_, header) => {
    const checker = authentication();
    expect(await checker.verify(basic("alice", "wonderland"), users)).toBe("admitted");
    for (let time = 0; time < 2; time++) expect(await checker.verify(header, users)).toBe("refused");
  });

  it("ignores the case of the scheme", async () => {
    const header = basic("alice", "wonderland").replace("Basic", "bASIC");
    expect(await authentication().verify(header, users)).toBe("admitted");
  });

  it("refuses admitted credentials once the hash has changed or the user is removed", async () => {
    const checker = authentication();
    const header = basic("alice", "wonderland");
    expect(await checker.verify(header, users)).toBe("admitted");
    const changed: Users = new Map([["alice", { bcrypt: hashSync("looking-glass", COST) }]]);
    expect(await checker.verify(header, changed)).toBe("refused");
    const sameHashOfAnother: Users = new Map([["bob", users.get("alice") as { bcrypt: string }]]);
    expect(await checker.verify(header, sameHashOfAnother)).toBe("refused");
  });

  it("queues a few checks, refuses more as busy, and checks equal credentials once", async () => {
    const checker = authentication();
    const guesses = Array.from({ length: 100 }, (_, i) =>
      checker.verify(basic("alice", `guess ${i}`), users),
    );
    const verdicts = await Promise.all(guesses);
    expect(verdicts.filter((verdict) => verdict === "refused")).toHaveLength(16);
    expect(verdicts.filter((verdict) => verdict === "busy")).toHaveLength(84);
    const impatient = Array.from({ length: 100 }, () => checker.verify(basic("alice", "wonderland"), users));
    expect(new Set(await Promise.all(impatient))).toEqual(new Set(["admitted"]));
  });
});

describe("an HTTP server with users", () => {
  it("requires a password on every path", async () => {
    const monitoring = await startMonitoring();
    const { exporter } = await startFixture([{ name: "n1", url: monitoring.url }], {
      web: { headers: {}, users },
    });
    for (const path of ["/metrics", "/probe?target=n1", "/livez", "/readyz", "/", "/nothing"]) {
      const { status, headers } = await ask(exporter, path);
      expect([path, status, headers["www-authenticate"]]).toEqual([
        path,
        401,
        'Basic realm="natscope", charset="UTF-8"',
      ]);
    }
    expect(monitoring.asked).toEqual({});
    const { status, text } = await ask(exporter, "/metrics", { auth: "alice:wonderland" });
    expect(status).toBe(200);
    expect(text).toContain('natscope_http_requests_total{handler="none",code="401"} 6\n');
    expect((await ask(exporter, "/metrics", { auth: "alice:oyster" })).status).toBe(401);
  });

  it("takes a user from flags, with a plain password or a hash", async () => {
    for (const password of ["wonderland", hashSync("wonderland", COST)]) {
      const web = webConfigFromFlags({ user: "alice", password });
      const { exporter } = await startFixture([], { web });
      expect((await ask(exporter, "/livez", { auth: "alice:wonderland" })).status).toBe(200);
      expect((await ask(exporter, "/livez", { auth: `alice:${password}x` })).status).toBe(401);
      expect((await ask(exporter, "/livez")).status).toBe(401);
    }
  });
});
