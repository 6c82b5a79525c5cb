/** A server that is frozen: its ports are open, and it does not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./until.ts";

/** A connection that can test whether its server answers. */
interface Asking {
  flush(): Promise<void>;
}

/** A server without an answer by then does not answer. */
export const NO_ANSWER_MS = 250;

/** Resolves when a server no longer answers: when `kill` returns, the signal is still under way. */
export async function untilSilent(isSilent: () => Promise<boolean>): Promise<void> {
  await until("the server to stop answering", async () => (await isSilent()) || undefined);
}

/**
 * Freezes a server and resolves when it has stopped. Without the wait, messages sent after the call might be answered.
 *
 * @param asking a connection to the server that no other code uses
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
