import { expect, test } from "vitest";
import { EVERYTHING } from "../../../src/exporter/collect/selection.ts";
import { MAX_ACCOUNTS } from "../../../src/exporter/endpoints/account-list.ts";
import { accountz } from "../../../src/exporter/endpoints/accountz.ts";
import { Document } from "../../../src/exporter/sources/monitoring-port/document.ts";
import { CollectionFailure } from "../../../src/exporter/sources/monitoring-port/failure.ts";
import { readCollector, type Series, sample } from "../saved-replies.ts";

const only = (name: string) => ({
  ...EVERYTHING,
  accounts: { include: [new RegExp(`^${name}$`)], exclude: [] },
});

function ofAccount(series: Series, account: string): Record<string, number> {
  const own = [...series].filter(([key]) => key.includes(`{account="${account}"`));
  return Object.fromEntries(
    own.map(([key, value]) => [key.slice("nats_account_".length, key.indexOf("{")), value]),
  );
}

for (const [version, imports, subscriptions, inserts] of [
  ["2.9.10", 4, 82, 102],
  ["2.10.27", 5, 85, 112],
  ["2.15.1", 5, 109, 128],
] as const) {
  test(`reports an account without an operator, of ${version}`, async () => {
    const { series } = await readCollector(
      accountz,
      {
        "/accountz": sample(version, "n1", "accountz"),
        "/accountz?acc=APP": sample(version, "n1", "accountz_APP"),
      },
      { selection: only("APP") },
    );
    expect(series.get("nats_accounts{}")).toBe(5);
    expect(series.get("nats_accounts_not_asked{}")).toBe(0);
    expect(series.get("nats_accounts_not_answered{}")).toBe(0);
    const { updated_timestamp_seconds, ...exposed } = ofAccount(series, "APP");
    expect(updated_timestamp_seconds).toBeGreaterThan(1.79e9);
    expect(exposed).toMatchObject({
      expired: 0,
      complete: 1,
      jetstream_enabled: 1,
      exports: 2,
      imports,
      imports_invalid: 0,
      sublist_subscriptions: subscriptions,
      sublist_inserts_total: inserts,
    });
    for (const name of Object.keys(exposed)) expect(name).not.toMatch(/claim|limit|mappings|system/);
  });
}

const TENANT = "AAD3J2ZXW6Z7D5HXK5I45GUMFSY7SILW3UWF7XICL7HF6PVIJL6T4JXR";

test("reports claims of an account under an operator, and omits unlimited ones", async () => {
  const { series } = await readCollector(
    accountz,
    {
      "/accountz": sample("2.15.2", "oper", "accountz"),
      [`/accountz?acc=${TENANT}`]: sample("2.15.2", "oper", "accountz_tenant"),
    },
    { selection: only(TENANT) },
  );
  const exposed = Object.entries(ofAccount(series, TENANT)).filter(([name]) =>
    /claim|limit|allowed/.test(name),
  );
  expect(Object.fromEntries(exposed)).toEqual({
    claim_expiry_timestamp_seconds: 1795509958,
    claim_issued_timestamp_seconds: 1795423558,
    claim_issues: 0,
    connections_limit: 10,
    subscriptions_limit: 100,
    payload_limit_bytes: 1024,
    imports_limit: 5,
    wildcard_exports_allowed: 0,
    claim_info: 1,
  });
  const info = [...series.keys()].find((key) => key.startsWith("nats_account_claim_info{"));
  expect(info).toContain(
    'account_name="tenant",issuer="OBJN2S2IOCQFIU2UK2Z4OANK4TBI4ZZUUUUNIMJW2CTQUKU6ELVIO2LW"',
  );
});

test("requests only selected accounts, encoded, in turn, and up to the maximum", async () => {
  const ids = ["A&acc=B", "\ud800", ...Array.from({ length: 300 }, (_, i) => `T${i}`), "no", 7, "", "T1"];
  const asked: string[] = [];
  let underWay = 0;
  const ask = async ({ path }: { path: string }): Promise<Document> => {
    expect(underWay++).toBe(0);
    await Promise.resolve();
    underWay--;
    asked.push(path);
    return Document.of(path === "/accountz" ? { accounts: ids } : { account_detail: {} });
  };
  const selection = { ...EVERYTHING, accounts: { include: [], exclude: [/^no$/] } };
  await accountz.fetch(ask, { selection });
  expect(asked).toHaveLength(1 + MAX_ACCOUNTS);
  expect(asked.slice(0, 3)).toEqual(["/accountz", "/accountz?acc=A%26acc%3DB", "/accountz?acc=T0"]);

  const few = ids.slice(0, 2);
  const { series } = await readCollector(accountz, {
    "/accountz": { accounts: [...few, ...ids.slice(2, 302)] },
    ...Object.fromEntries(
      [...few, ...ids.slice(2, 302)].map((id) => [
        `/accountz?acc=${encodeURIComponent(String(id).toWellFormed())}`,
        { account_detail: {} },
      ]),
    ),
  });
  expect(series.get("nats_accounts{}")).toBe(302);
  expect(series.get("nats_accounts_not_asked{}")).toBe(302 - MAX_ACCOUNTS);
});

test("counts an account deleted after the listing; other failures fail the collection", async () => {
  const failing =
    (reason: "status" | "connection") =>
    async ({ path }: { path: string }) => {
      if (path === "/accountz") return Document.of({ accounts: ["A", "B"] });
      if (path.endsWith("=B")) throw new CollectionFailure(reason, "refused");
      return Document.of({ account_detail: { expired: true } });
    };
  const documents = await accountz.fetch(failing("status"), { selection: EVERYTHING });
  const { series } = await readCollector({ ...accountz, fetch: async () => documents }, {});
  expect(series.get("nats_accounts_not_answered{}")).toBe(1);
  expect(series.get('nats_account_expired{account="A"}')).toBe(1);
  expect([...series.keys()].filter((key) => key.includes('account="B"'))).toEqual([]);
  await expect(accountz.fetch(failing("connection"), { selection: EVERYTHING })).rejects.toThrow("refused");
});

test("uses the valid part of a malformed reply", async () => {
  const detail = {
    expired: "no",
    complete: null,
    exports: 5,
    imports: { a: 1 },
    mappings: "x",
    update_time: "0001-01-01T00:00:00Z",
    sublist_stats: [1],
    decoded_jwt: { exp: 0, nats: { limits: { conn: 18446744073709551615n.toString(), subs: -1, leaf: 3 } } },
  };
  const { series } = await readCollector(accountz, {
    "/accountz": { accounts: ["A"] },
    "/accountz?acc=A": { account_detail: detail },
  });
  expect(ofAccount(series, "A")).toEqual({
    imports: 1,
    imports_invalid: 0,
    claim_issues: 0,
    leaf_connections_limit: 3,
    wildcard_exports_allowed: 0,
    claim_info: 1,
  });
  for (const reply of ["[]", "null", '{"accounts":{}}', '{"accounts":[null,[],{}]}']) {
    const { series } = await readCollector(accountz, { "/accountz": reply });
    expect(series.has("nats_accounts_not_asked{}"), reply).toBe(false);
    expect(series.has("nats_accounts_not_answered{}"), reply).toBe(false);
  }
});

test("counts invalid details as not answered", async () => {
  for (const account_detail of [null, [], "x", undefined]) {
    const { series } = await readCollector(accountz, {
      "/accountz": { accounts: ["A", "B"] },
      "/accountz?acc=A": { account_detail },
      "/accountz?acc=B": { account_detail: {} },
    });
    expect(series.get("nats_accounts_not_answered{}")).toBe(1);
    expect(ofAccount(series, "A")).toEqual({});
  }
});
