/** JetStream: who publishes to a stream, one message after the other or many at a time, which is the load's affair. */
import { AnswerSender, type AnswerOptions } from "../worker/answer-sender.ts";
import type { Client, ClientContext } from "../worker/thread.ts";
import { messagesOf, nothing, subjectOf, surroundings } from "./core.ts";

/** Of `js pub sync`, `js pub async` and `js e2e`; an operation ends with the stream's acknowledgement. */
export async function openStreamPublisher(around: ClientContext): Promise<Client> {
  const { link, task, number } = around;
  const { timeoutMs, stream } = task.scenario;
  const messages = messagesOf(around);
  const subject = subjectOf(around);
  // Of this run and no other: a stream that knows an id throws the message away, and answers at once.
  const id = `${Date.now().toString(16)}-${number}`;
  const hasIds = stream?.dedupSeconds !== undefined;
  const sender = new AnswerSender(
    surroundings(around),
    async (n, intended, sent) => {
      const { payload, headers } = messages.next(n, intended, sent);
      const { duplicate } = await link.streams.publish(subject(n), payload, {
        timeoutMs,
        ...(hasIds && { id: `${id}-${n}` }),
        ...(headers && { headers }),
      });
      return { bytesSent: payload.length, bytesReceived: 0, duplicate };
    },
    { remembers: true, ...recordingOf(around) },
  );
  return { sender, close: nothing };
}

/** End to end the consumer records response, service and delay; the publisher its own stage. */
function recordingOf({ task, recorder }: ClientContext): AnswerOptions {
  if (task.scenario.workload !== "js e2e") return {};
  return {
    onAnswer: (intended, sent, end) => recorder.of(intended)?.acknowledged.record(end - sent),
  };
}
