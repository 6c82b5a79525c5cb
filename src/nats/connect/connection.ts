/**
 * From the environment to the options of a connection. Pure; reports all problems at once.
 *
 *     environment, flags ─┐
 *     natscli context ────┴→ texts by row → values → options as plain data
 *
 * Flags win over variables, and both win over the context. If credentials of several kinds are given, one kind is
 * used, in natscli's order: user, creds, nkey, jwt.
 */
import { InvalidValue } from "../../input/invalid-value.ts";
import { type Context, type ReadContext, readContext, readSelectedContext } from "./context.ts";
import type { Material } from "./credentials.ts";
import { gatherVariables } from "./environment.ts";
import type { Files, System } from "./files.ts";
import { DEFAULT_SERVERS, parseServers } from "./servers.ts";
import { type Given, type GivenRows, ROW_NAMES, type RowName, rowOf, type Values } from "./table.ts";

/** Options of a connection as plain data, under the names of both client generations. */
export interface PlainOptions {
  /** `host:port`, at least one. */
  readonly servers: readonly string[];
  readonly name?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly authentication?: Authentication;
  /** If present, even if empty, TLS is required. */
  readonly tls?: {
    readonly certFile?: string;
    readonly keyFile?: string;
    readonly caFile?: string;
    readonly handshakeFirst?: true;
  };
  /** Milliseconds, like all times here. */
  readonly timeout?: number;
  readonly reconnect?: boolean;
  readonly maxReconnectAttempts?: number;
  readonly reconnectTimeWait?: number;
  readonly pingInterval?: number;
  readonly maxPingOut?: number;
  readonly inboxPrefix?: string;
}

/** Credentials from which the client's authenticator is created. */
export type Authentication =
  | { readonly kind: "creds"; readonly creds: Material }
  | { readonly kind: "nkey"; readonly seed: Material }
  | { readonly kind: "jwt"; readonly jwt: string; readonly seed?: string };

/** Options of `jetstream()` and `jetstreamManager()` in both client generations. */
export interface JetStreamReach {
  readonly domain?: string;
  readonly apiPrefix?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Options of a connection, and the problems of the settings that they come from. */
export interface Connection {
  /** Only valid if there are no problems. */
  readonly options: PlainOptions;
  readonly jetstream: JetStreamReach;
  /** One sentence each, without secrets. Begins with the variable, flag or key of the context. */
  readonly problems: readonly string[];
  /** One sentence for each setting that has no effect. */
  readonly warnings: readonly string[];
  /** The context that was read. */
  readonly context?: Context;
}

export interface FromEnvironmentOptions {
  /** Settings from flags. */
  readonly flags?: GivenRows;
  /**
   * Context if none is named: the one that `nats context select` has selected, as in natscli, or none. Default: none,
   * since a service should not depend on the selection.
   */
  readonly contextByDefault?: "selected" | "none" | undefined;
}

/** @param files usually `systemFiles` */
export function connectionFromEnvironment(
  environment: System["environment"],
  files: Files,
  { flags = {}, contextByDefault = "none" }: FromEnvironmentOptions = {},
): Connection {
  const system: System = { environment, files };
  const variables = gatherVariables(environment);
  const findings: Findings = { problems: [], warnings: [...variables.warnings] };
  const explicit = { ...variables.given, ...flags };
  const fromContext = contextFor(explicit, contextByDefault, system);
  findings.problems.push(...fromContext.problems);
  const given = oneIdentity(overlay(explicit, fromContext.given, findings), findings);
  const values = readValues(given, system, findings);
  return {
    options: optionsOf(values),
    jetstream: defined({
      domain: values.domain,
      apiPrefix: values.apiPrefix,
      timeout: values.responseTimeout,
    }),
    ...findings,
    ...(fromContext.context && { context: fromContext.context }),
  };
}

interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

function contextFor({ context }: GivenRows, byDefault: "selected" | "none", system: System): ReadContext {
  if (context) return readContext(context, system);
  return byDefault === "selected" ? readSelectedContext(system) : { given: {}, problems: [] };
}

/** Adds the settings of the context that flags and environment neither give nor displace. */
function overlay(explicit: GivenRows, context: GivenRows, findings: Findings): GivenRows {
  const above = withUrlCredentials(withLoneUserAsToken(explicit, findings), findings);
  // Servers first: the credentials in the context's URL go with it.
  const below = withUrlCredentials(above.servers ? without(context, ["servers"]) : context, findings);
  const displaced = ROW_NAMES.flatMap((name) => (above[name] ? (rowOf(name).displaces ?? []) : []));
  return { ...without(below, displaced), ...above };
}

/** natscli's `--user` is "Username or Token". */
function withLoneUserAsToken(given: GivenRows, { problems }: Findings): GivenRows {
  const { user, ...rest } = given;
  if (!user || given.password) return given;
  if (given.token) {
    problems.push(
      `${user.place} without a password is a token, and ${given.token.place} is another: expected one of them`,
    );
  }
  return { ...rest, token: user };
}

/** The clients ignore credentials in a URL. They win over others, being the more specific ones. */
function withUrlCredentials(given: GivenRows, { warnings }: Findings): GivenRows {
  const servers = given.servers && parseServers(given.servers.text);
  if (!given.servers || !servers || servers instanceof InvalidValue || !servers.credentials) return given;
  const { user, password, token, ...rest } = given;
  const { place } = given.servers;
  for (const unused of [user, password, token]) {
    if (unused) warnings.push(`${unused.place} is not used because ${place} has credentials`);
  }
  const own = Object.entries(servers.credentials);
  return {
    ...rest,
    ...Object.fromEntries(own.map(([name, text]) => [name, { place, text, literal: true }])),
  };
}

const IDENTITIES = ["user", "creds", "nkey", "jwt"] as const satisfies readonly RowName[];

/** Settings that need another one. */
const PARTNERS = [
  ["password", "user"],
  ["seed", "jwt"],
  ["certFile", "keyFile"],
  ["keyFile", "certFile"],
] as const satisfies readonly (readonly [RowName, RowName])[];

/** Keeps one kind of credentials and one way to address JetStream, and reports incomplete pairs. */
function oneIdentity(given: GivenRows, { problems, warnings }: Findings): GivenRows {
  const unused: RowName[] = [];
  const drop = (name: RowName, because: Given): void => {
    unused.push(name);
    warnings.push(`${given[name]?.place} is not used because ${because.place} is set`);
  };
  for (const [one, other] of PARTNERS) {
    const half = given[one];
    if (half && !given[other]) problems.push(`${half.place} is set without ${placeOf(other)}: expected both`);
  }
  const [chosen, ...others] = IDENTITIES.filter((name) => given[name]);
  for (const other of others) drop(other, given[chosen as RowName] as Given);
  if (chosen !== "jwt") unused.push("seed");
  if (given.domain && given.apiPrefix) drop("apiPrefix", given.domain);
  return without(given, unused);
}

function placeOf(name: RowName): string {
  const { variables, contextKey } = rowOf(name);
  return `${variables[0]} (${contextKey} in a context)`;
}

function readValues(given: GivenRows, system: System, { problems }: Findings): Values {
  const values: Record<string, unknown> = {};
  for (const name of ROW_NAMES) {
    const one = given[name];
    if (!one) continue;
    const value = one.literal
      ? one.text
      : rowOf(name).kind.parse(
          { text: one.text, origin: { source: "environment", place: one.place } },
          system,
        );
    if (value instanceof InvalidValue) problems.push(`${one.place} ${value.why}`);
    else values[name] = value;
  }
  return values as Values;
}

function optionsOf(values: Values): PlainOptions {
  const servers = values.servers ?? DEFAULT_SERVERS;
  const tls = defined({
    certFile: values.certFile,
    keyFile: values.keyFile,
    caFile: values.caFile,
    handshakeFirst: values.handshakeFirst || undefined,
  });
  return defined({
    servers: servers.addresses,
    name: values.name,
    user: values.user,
    pass: values.password,
    token: values.token,
    authentication: authenticationOf(values),
    tls: servers.tls || Object.keys(tls).length > 0 ? tls : undefined,
    timeout: values.timeout,
    reconnect: values.reconnect,
    maxReconnectAttempts: values.maxReconnectAttempts,
    reconnectTimeWait: values.reconnectTimeWait,
    pingInterval: values.pingInterval,
    maxPingOut: values.maxPingOut,
    inboxPrefix: values.inboxPrefix,
  });
}

function authenticationOf({ creds, nkey, jwt, seed }: Values): Authentication | undefined {
  if (creds) return { kind: "creds", creds };
  if (nkey) return { kind: "nkey", seed: nkey };
  return jwt === undefined ? undefined : { kind: "jwt", jwt, ...(seed !== undefined && { seed }) };
}

function without(given: GivenRows, names: readonly string[]): GivenRows {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}

type Defined<Options> = {
  [Name in keyof Options as undefined extends Options[Name] ? never : Name]: Options[Name];
} & {
  [Name in keyof Options as undefined extends Options[Name] ? Name : never]?: Exclude<
    Options[Name],
    undefined
  >;
};

/** Drops undefined values: for the clients, a key that is present is set. */
function defined<Options extends object>(options: Options): Defined<Options> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Options>;
}
