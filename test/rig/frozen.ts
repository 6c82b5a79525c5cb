/** A server that is there and does not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./until.ts";

/** A connection, as far as it can be asked whether its server answers. */
interface Asking {
  flush(): Promise<void>;
}

/** Who has not answered by then does not answer. */
export const NO_ANSWER_MS = 250;

/** Resolves when a server no longer answers: a signal is on its way when `kill` returns. */
export async function untilSilent(isSilent: () => Promise<boolean>): Promise<void> {
  await until("the server to stop answering", async () => (await isSilent()) || undefined);
}

/**
 * Freezes a server, and resolves when it has stopped: what was sent meanwhile would still be answered.
 * @param asking a connection to it that nobody else looks at
 */
export async function freeze(pid: number, asking: Asking): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await untilSilent(async () => {
    const answered = asking.flush().then(
      () => true,
      () => false,
    );
    return !(await Promise.race([answered, sleep(NO_ANSWER_MS, false)]));
  });
}
