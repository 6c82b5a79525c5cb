/**
 * Requests that only the leader of a stream or a consumer answers: messages to a stream, pulls, acknowledgements.
 * Between two leaders the server replies that there are no responders ("503").
 */
import { ErrorCode, type Msg, type NatsConnection, NatsError, type RequestOptions } from "nats";
import { until } from "./until.ts";

/**
 * Repeats a request until a leader answers. Errors other than "no responders" are thrown.
 *
 * @param options called for each attempt: the client writes into its options, and an inbox serves one request only
 * @param untaken codes of errors after which the request was certainly not handled
 */
export async function askLeader(
  connection: NatsConnection,
  subject: string,
  body: string,
  options: () => RequestOptions,
  untaken: readonly string[] = [ErrorCode.NoResponders],
): Promise<Msg> {
  const outcome = await until(`a leader that answers ${subject}`, () =>
    connection.request(subject, body, options()).then(
      (answer) => (changesLeaders(answer) ? undefined : answer),
      (error: unknown) => {
        if (error instanceof NatsError && untaken.includes(error.code)) throw error;
        return { error };
      },
    ),
  );
  if ("error" in outcome) throw outcome.error;
  return outcome;
}

/** Response to a pull whose leader stepped down while it waited. */
function changesLeaders({ headers }: Msg): boolean {
  return headers?.code === 409 && headers.description === "Leadership Change";
}
