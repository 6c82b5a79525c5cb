/**
 * `connectFromEnv()`: connects as the environment and natscli's contexts describe.
 *
 *     const connection = await connectFromEnv();                                  // NATS_URL=tls://...
 *     const connection = await connectFromEnv(process.env, { name: "orders" });   // options given here win
 *
 * `table.ts` has the variables, `connection.ts` combines them.
 */
import { type ConnectionOptions, connect as connectByNats, type NatsConnection } from "nats";
import { ExpectedError } from "../../text/expected-error.ts";
import { warnProcess } from "../../text/process-warning.ts";
import {
  type Connection,
  connectionFromEnvironment,
  type FromEnvironmentOptions,
  type JetStreamReach,
} from "./connection.ts";
import { type System, systemFiles } from "./files.ts";
import { natsOptions } from "./nats-options.ts";

/** Options of `connectFromEnv`. */
interface ConnectFromEnvOptions<Connected> {
  /** Default: `connect` of `nats`. `connect` of `@nats-io/transport-node` takes the same options. */
  readonly connect: (options: ConnectionOptions) => Promise<Connected>;
  /** Receives a sentence for each setting that has no effect. Default: `process.emitWarning`. */
  readonly warn?: (sentence: string) => void;
  readonly contextByDefault?: FromEnvironmentOptions["contextByDefault"];
}

/** Invalid settings in the environment, or in a context or file that it names. Shows no secrets. */
export class ConnectionSettingsError extends ExpectedError {
  override readonly name = "ConnectionSettingsError";
  /** One sentence each. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `${problems.length} problems:\n${problems.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Connects. `overrides` are options of the client and win over the environment. If they name a user, a token or an
 * authenticator, no credentials are taken from the environment; if they name a port, no servers are.
 *
 * @throws {ConnectionSettingsError} before anything is sent, with all problems; otherwise as the client does
 */
export function connectFromEnv(
  environment?: System["environment"],
  overrides?: ConnectionOptions,
): Promise<NatsConnection>;
/** The same with another connect function or another receiver of warnings. */
export function connectFromEnv<Connected>(
  environment: System["environment"] | undefined,
  overrides: ConnectionOptions | undefined,
  how: ConnectFromEnvOptions<Connected>,
): Promise<Connected>;
/** The implementation. */
export async function connectFromEnv(
  environment: System["environment"] = process.env,
  overrides: ConnectionOptions = {},
  { connect, warn = warnProcess, ...options }: ConnectFromEnvOptions<unknown> = { connect: connectByNats },
): Promise<unknown> {
  const found = valid(connectionFromEnvironment(environment, systemFiles, options));
  for (const warning of found.warnings) warn(warning);
  return connect(overlay(natsOptions(found.options), overrides));
}

/**
 * JetStream settings of the environment, for `connection.jetstream(...)` and `jetstreamManager(...)`: domain or API
 * prefix, and the timeout for replies (`NATS_TIMEOUT`).
 *
 * @throws {ConnectionSettingsError} with all problems
 */
export function jetstreamFromEnv(
  environment: System["environment"] = process.env,
  options: FromEnvironmentOptions = {},
): JetStreamReach {
  return valid(connectionFromEnvironment(environment, systemFiles, options)).jetstream;
}

function valid(connection: Connection): Connection {
  if (connection.problems.length > 0) throw new ConnectionSettingsError(connection.problems);
  return connection;
}

function overlay(options: ConnectionOptions, overrides: ConnectionOptions): ConnectionOptions {
  const rest = { ...options };
  if (overrides.port !== undefined) delete rest.servers; // The client takes one or the other.
  const { user, token, authenticator } = overrides;
  if ((user ?? token ?? authenticator) !== undefined) {
    for (const name of ["user", "pass", "token", "authenticator"] as const) delete rest[name];
  }
  return { ...rest, ...overrides };
}
