/** `connectFromEnv` against real servers: each kind of credentials, TLS, contexts and errors. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectOfV3 } from "@nats-io/transport-node";
import { type ConnectionOptions, type NatsConnection, nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  ConnectionSettingsError,
  connectFromEnv,
  jetstreamFromEnv,
} from "../../../src/nats/connect/connect-from-env.ts";
import {
  type NatsServerOptions,
  type RunningNatsServer,
  runNatsServer,
} from "../../../tools/nats-server/run.ts";
import { issue, issueAuthority } from "../../http/certificates.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";
import { credsText, issueIdentities, seedOf } from "./fixture-files.ts";

const identities = issueIdentities();
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "natscope-connect-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Writes a file and returns its path. */
async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function serve(options: NatsServerOptions): Promise<RunningNatsServer> {
  const server = await runNatsServer(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** Connects, waits for an answer of the server, and closes the connection at the end of the test. */
async function reach(
  environment: Record<string, string>,
  overrides?: ConnectionOptions,
): Promise<NatsConnection> {
  const connection = await connectFromEnv(environment, overrides);
  onTestFinished(() => connection.close());
  await connection.flush();
  return connection;
}

const OPERATOR = [
  `operator: "${identities.operatorJwt}"`,
  "resolver: MEMORY",
  `resolver_preload { ${identities.accountId}: "${identities.accountJwt}" }`,
].join("\n");

describeEachServer("connectFromEnv", ({ version }) => {
  it("connects to the second server of a list under the given name", async () => {
    const { clientUrl, monitorUrl } = await serve({ version });
    await reach({ NATS_SERVERS: `nats://127.0.0.1:1,${clientUrl}`, NATS_CONNECTION_NAME: "orders" });
    const connz = (await (await fetch(`${monitorUrl}/connz`)).json()) as { connections: { name: string }[] };
    expect(connz.connections.map(({ name }) => name)).toEqual(["orders"]);
  });

  it("authenticates with user and password, and passes on the client's error about a wrong one", async () => {
    const config = 'authorization { user: bob, password: "s3cret" }';
    const { clientUrl } = await serve({ version, config });
    await reach({ NATS_URL: clientUrl, NATS_USER: "bob", NATS_PASSWORD: "s3cret" });
    // The client itself ignores credentials in a URL.
    await reach({ NATS_URL: clientUrl.replace("//", "//bob:s3cret@") });
    await reach(
      { NATS_URL: clientUrl, NATS_USER: "eve", NATS_PASSWORD: "x" },
      { user: "bob", pass: "s3cret" },
    );
    const wrong = connectFromEnv({ NATS_URL: clientUrl, NATS_USER: "bob", NATS_PASSWORD: "wr0ng" });
    await expect(wrong).rejects.toThrow(/Authorization Violation/);
    expect(JSON.stringify(await wrong.catch((error: Error) => [error.message, error.stack]))).not.toContain(
      "wr0ng",
    );
  });

  it("authenticates with a token, also if it is given as a user", async () => {
    const { clientUrl } = await serve({ version, config: 'authorization { token: "t0ken" }' });
    await reach({ NATS_URL: clientUrl, NATS_TOKEN: "t0ken" });
    await reach({ NATS_URL: clientUrl, NATS_USER: "t0ken" });
    await reach({ NATS_URL: clientUrl.replace("//", "//t0ken@") });
    await expect(connectFromEnv({ NATS_URL: clientUrl })).rejects.toThrow(/Authorization Violation/);
  });

  it("authenticates with an nkey, and reads its file again to reconnect", async () => {
    const [before, after] = [nkeys.createUser(), nkeys.createUser()];
    const users = [before, after].map((pair) => `{ nkey: ${pair.getPublicKey()} }`);
    const server = await serve({ version, config: `authorization { users: [ ${users.join(", ")} ] }` });
    const path = await file(`${version}.nk`, `${seedOf(before)}\n`);
    await reach({
      NATS_URL: server.clientUrl,
      NATS_NKEY: path,
      NATS_RECONNECT_WAIT: "20",
      NATS_MAX_RECONNECT: "-1",
    });
    const nkeyOf = async () => {
      const connz = await (await fetch(`${server.monitorUrl}/connz?auth=1`)).json();
      return (connz as { connections: { nkey?: string; authorized_user?: string }[] }).connections
        .map(({ nkey, authorized_user }) => nkey ?? authorized_user)
        .at(0);
    };
    expect(await nkeyOf()).toBe(before.getPublicKey());
    await writeFile(path, seedOf(after));
    await server.restart();
    await until("the new nkey", async () => ((await nkeyOf()) === after.getPublicKey() ? true : undefined));
    await rm(path);
    await server.restart();
    await until("the new nkey again", async () =>
      (await nkeyOf()) === after.getPublicKey() ? true : undefined,
    );
  });

  it("authenticates with credentials in a file, in a variable, and as JWT and seed", async () => {
    const { clientUrl: NATS_URL } = await serve({ version, config: OPERATOR });
    const { userJwt, userSeed, bearerJwt } = identities;
    const text = credsText(userJwt, userSeed);
    await reach({ NATS_URL, NATS_CREDS: await file("user.creds", text) });
    await reach({ NATS_URL, NATS_CREDS: "env://SECRET", SECRET: text.trim().replaceAll("\n", "\r\n") });
    await reach({ NATS_URL, NATS_JWT: userJwt, NATS_SEED: userSeed });
    await reach({ NATS_URL, NATS_JWT: bearerJwt });
    await expect(connectFromEnv({ NATS_URL, NATS_JWT: userJwt })).rejects.toThrow(/Authorization Violation/);
  });

  it("uses TLS with a private CA and a client certificate, and refuses plain text for tls://", async () => {
    const { ca, tls, NATS_CERT, NATS_KEY } = await tlsFiles();
    const { clientUrl: NATS_URL } = await serve({ version, config: tls("timeout: 10") });
    const connection = await reach({ NATS_URL, NATS_CA: ca, NATS_CERT, NATS_KEY });
    expect(connection.info?.tls_verify).toBe(true);
    await expect(connectFromEnv({ NATS_URL, NATS_CERT, NATS_KEY })).rejects.toThrow(/unable to|self.signed/);
    // The server closes the connection after the handshake; this client notices it only by its own timeout.
    const nobody = connectFromEnv({ NATS_URL, NATS_CA: ca, NATS_CONNECT_TIMEOUT: "500ms" });
    await expect(nobody).rejects.toThrow(/TIMEOUT|certificate/);

    const plain = await serve({ version });
    await expect(connectFromEnv({ NATS_URL: plain.clientUrl.replace("nats:", "tls:") })).rejects.toThrow(
      /tls/i,
    );
  });

  // nats-server 2.9 has no handshake_first.
  it.skipIf(version.startsWith("2.9."))("begins with TLS before the server's INFO", async () => {
    const { ca, tls, NATS_CERT, NATS_KEY } = await tlsFiles();
    const first = await serve({ version, config: tls("timeout: 10, handshake_first: true") });
    await reach({ NATS_URL: first.clientUrl, NATS_CA: ca, NATS_CERT, NATS_KEY, NATS_TLS_FIRST: "1" });
  });
});

/** Writes certificates of a CA, a server and a client. Returns their paths and the server's `tls` block. */
async function tlsFiles() {
  const authority = issueAuthority("authority");
  const sans = [
    { kind: "dns", value: "localhost" },
    { kind: "ip", value: "127.0.0.1" },
  ] as const;
  const server = issue({ name: "server", issuer: authority, purpose: "server", sans });
  const client = issue({ name: "client", issuer: authority, purpose: "client" });
  const [ca, cert, key, NATS_CERT, NATS_KEY] = await Promise.all([
    file("ca.pem", authority.certificate),
    file("server.pem", server.certificate),
    file("server.key", server.key),
    file("client.pem", client.certificate),
    file("client.key", client.key),
  ]);
  const tls = (more: string) =>
    `tls { ca_file: "${ca}", cert_file: "${cert}", key_file: "${key}", verify: true, ${more} }`;
  return { ca, tls, NATS_CERT, NATS_KEY };
}

describe("connectFromEnv", () => {
  const { version } = SERVER_VERSIONS[0] ?? {};

  it("reads a context, and connects with the client of either generation", async () => {
    const { clientUrl } = await serve({ version, config: OPERATOR });
    const creds = await file("context.creds", credsText(identities.userJwt, identities.userSeed));
    const context = { url: clientUrl, creds: "$CREDS", inbox_prefix: "_I", jetstream_domain: "hub" };
    await file("config/nats/context/dev.json", JSON.stringify(context));
    await file("config/nats/context.txt", "dev");
    const environment = { XDG_CONFIG_HOME: join(directory, "config"), CREDS: creds, NATS_TIMEOUT: "3s" };
    await reach({ ...environment, NATS_CONTEXT: "dev" });
    const connection = await connectFromEnv(
      environment,
      {},
      { connect: connectOfV3, contextByDefault: "selected" },
    );
    onTestFinished(() => connection.close());
    await connection.flush();
    expect(jetstreamFromEnv({ ...environment, NATS_CONTEXT: "dev" })).toEqual({
      domain: "hub",
      timeout: 3000,
    });
    expect(jetstreamFromEnv(environment)).toEqual({ timeout: 3000 });
  });

  it("reports all problems before it connects", async () => {
    const refused = connectFromEnv({ NATS_URL: "a:x", NATS_MAX_PINGS: "0" }, {}, { connect: unreachable });
    const error = (await refused.catch((thrown: unknown) => thrown)) as ConnectionSettingsError;
    expect(error).toBeInstanceOf(ConnectionSettingsError);
    expect(error.problems).toHaveLength(2);
    expect(error.message).toBe(`2 problems:\n${error.problems.join("\n")}`);
    await expect(connectFromEnv({ NATS_URL: "a:x" })).rejects.toThrow(/^NATS_URL is "a:x": expected/);
    expect(() => jetstreamFromEnv({ NATS_URL: "a:x" })).toThrow(ConnectionSettingsError);
  });

  it("warns about a setting without effect, and connects", async () => {
    const warnings: string[] = [];
    const how = {
      connect: async (options: ConnectionOptions) => options,
      warn: (text: string) => warnings.push(text),
    };
    await connectFromEnv({ NATS_SERVER: "a" }, {}, how);
    expect(warnings).toEqual(["NATS_SERVER is not read; did you mean NATS_SERVERS?"]);
  });

  it("prefers the options of the program", async () => {
    const how = { connect: async (options: ConnectionOptions) => options };
    const environment = { NATS_URL: "tls://bob:s3cret@a", NATS_CONNECT_TIMEOUT: "5s", NATS_TOKEN: "" };
    expect(await connectFromEnv(environment, { timeout: 1 }, how)).toEqual({
      servers: ["a:4222"],
      tls: {},
      user: "bob",
      pass: "s3cret",
      timeout: 1,
    });
    expect(await connectFromEnv(environment, { token: "t", port: 4333 }, how)).toEqual({
      port: 4333,
      tls: {},
      token: "t",
      timeout: 5000,
    });
  });
});

async function unreachable(): Promise<never> {
  throw new Error("connect was called");
}
