/**
 * Requests to what only the leader of a stream or a consumer listens to: a stream's subjects, pulls, answers to
 * deliveries. While one leads no more and the next does not yet, the server says that there is nobody ("503").
 */
import { ErrorCode, type Msg, type NatsConnection, NatsError, type RequestOptions } from "nats";
import { until } from "./until.ts";

/**
 * Asks again for as long as nobody can have taken it; whatever else goes wrong is thrown at once.
 *
 * @param options made anew for each attempt: the client writes into them, and an inbox of its own serves once
 * @param untaken codes of errors after which nobody has taken it, nor will
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

/** A pull that waited with a leader, when it stepped down. */
function changesLeaders({ headers }: Msg): boolean {
  return headers?.code === 409 && headers.description === "Leadership Change";
}
