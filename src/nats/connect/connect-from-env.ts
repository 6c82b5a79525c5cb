/**
 * `connectFromEnv()`: a connection as the environment and natscli's contexts describe it.
 *
 *     const connection = await connectFromEnv();                                  // NATS_URL=tls://...
 *     const connection = await connectFromEnv(process.env, { name: "orders" });   // what is said here wins
 *
 * Thin: what the variables mean is said in `table.ts`, how they come together in `connection.ts`.
 */
import { type ConnectionOptions, connect as connectByNats, type NatsConnection } from "nats";
import { warnProcess } from "../../text/process-warning.ts";
import { type Asked, type Connection, connectionFromEnvironment, type JetStreamReach } from "./connection.ts";
import { type Scene, systemFiles } from "./files.ts";
import { natsOptions } from "./nats-options.ts";

/** Who connects, who hears of what has no effect, and which context is read where none is named. */
export interface ConnectFromEnvHow<Connected> {
  /** Default: `connect` of `nats`. That of `@nats-io/transport-node` takes the same options. */
  readonly connect: (options: ConnectionOptions) => Promise<Connected>;
  /** Default: `process.emitWarning`, which writes to standard error. */
  readonly warn?: (sentence: string) => void;
  readonly contextByDefault?: Asked["contextByDefault"];
}

/** The environment, or what it names, is not as it must be. No sentence holds a secret. */
export class ConnectionSettingsError extends Error {
  override readonly name = "ConnectionSettingsError";
  /** One sentence for each thing that is wrong. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `${problems.length} problems:\n${problems.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Connects. `overrides` are options of the client and win over the environment; where they say who we are, or
 * which servers to use, what the environment says of that is left out whole.
 *
 * @throws {ConnectionSettingsError} before anything is sent, with every problem; else what the client throws.
 */
export function connectFromEnv(
  environment?: Scene["environment"],
  overrides?: ConnectionOptions,
): Promise<NatsConnection>;
/** The same, with another function that connects, or with somebody who hears the warnings. */
export function connectFromEnv<Connected>(
  environment: Scene["environment"] | undefined,
  overrides: ConnectionOptions | undefined,
  how: ConnectFromEnvHow<Connected>,
): Promise<Connected>;
/** As above: what both have in common. */
export async function connectFromEnv(
  environment: Scene["environment"] = process.env,
  overrides: ConnectionOptions = {},
  { connect, warn = warnProcess, ...asked }: ConnectFromEnvHow<unknown> = { connect: connectByNats },
): Promise<unknown> {
  const found = sound(connectionFromEnvironment(environment, systemFiles, asked));
  for (const warning of found.warnings) warn(warning);
  return connect(overlay(natsOptions(found.options), overrides));
}

/**
 * What the environment says of JetStream, for `connection.jetstream(...)` and `jetstreamManager(...)`: domain
 * or API prefix, and the time to wait for answers (`NATS_TIMEOUT`).
 *
 * @throws {ConnectionSettingsError} as `connectFromEnv` does.
 */
export function jetstreamFromEnv(
  environment: Scene["environment"] = process.env,
  asked: Asked = {},
): JetStreamReach {
  return sound(connectionFromEnvironment(environment, systemFiles, asked)).jetstream;
}

function sound(connection: Connection): Connection {
  if (connection.problems.length > 0) throw new ConnectionSettingsError(connection.problems);
  return connection;
}

function overlay(options: ConnectionOptions, overrides: ConnectionOptions): ConnectionOptions {
  const rest = { ...options };
  if (overrides.port !== undefined) delete rest.servers; // The client wants one or the other.
  const { user, token, authenticator } = overrides;
  if ((user ?? token ?? authenticator) !== undefined) {
    for (const name of ["user", "pass", "token", "authenticator"] as const) delete rest[name];
  }
  return { ...rest, ...overrides };
}
