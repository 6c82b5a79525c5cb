/**
 * Replies by `respond` of a delivered message, which the client does not send through its connection's
 * `publish`.
 */
import type { Context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { MessageShape, Payload, PublishOptionsShape } from "../shapes/connection.ts";
import { clientMethodsOf } from "../wrapping/marks.ts";
import { respondInstrumented } from "./publish.ts";

/** The property of a delivered message that its `respond` reads. */
const REPLY_CONTEXT = Symbol("natscope reply context");

/** How a reply is recorded: by which instrumentation, as a child of which context. */
export interface ReplyContext {
  readonly instrumentation: Instrumentation;
  /** Undefined: the context that is active when the application responds. */
  readonly context: Context | undefined;
}

interface MarkedMessage extends MessageShape {
  [REPLY_CONTEXT]?: ReplyContext;
}

/** Records replies to a message. Method and symbol are shared, so a message costs no closure. */
export function instrumentReplies(message: MessageShape, replyContext: ReplyContext): void {
  (message as MarkedMessage)[REPLY_CONTEXT] = replyContext;
  message.respond = respond;
}

function respond(this: MarkedMessage, data?: Payload, options?: PublishOptionsShape): boolean {
  const raw = clientMethodsOf(this, REPLY_CONTEXT);
  const send = (sent: PublishOptionsShape | undefined) => raw.respond.call(this, data, sent);
  const replyContext = this[REPLY_CONTEXT];
  if (!replyContext || !this.reply) return send(options);
  return respondInstrumented(
    replyContext.instrumentation,
    this.reply,
    data,
    options,
    send,
    replyContext.context,
  );
}
