/** Replies by `respond` of a delivered message, which the client sends past its connection's `publish`. */
import type { Context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { MessageShape, Payload, PublishOptionsShape } from "../shapes/connection.ts";
import { behindMarked } from "../wrapping/marks.ts";
import { respondInstrumented } from "./publish.ts";

/** Where a delivered message says whose it is; its `respond` asks there. */
const DELIVERY = Symbol("natscope delivery");

/** By whom a message's reply is observed, and within what. */
export interface Delivery {
  readonly instrumentation: Instrumentation;
  /** Undefined: that of whoever responds. */
  readonly context: Context | undefined;
}

interface MarkedMessage extends MessageShape {
  [DELIVERY]?: Delivery;
}

/** Lets replies to a message be observed. Both properties are shared: a message costs no closure. */
export function instrumentReplies(message: MessageShape, delivery: Delivery): void {
  (message as MarkedMessage)[DELIVERY] = delivery;
  message.respond = respond;
}

function respond(this: MarkedMessage, data?: Payload, options?: PublishOptionsShape): boolean {
  const raw = behindMarked(this, DELIVERY);
  const send = (sent: PublishOptionsShape | undefined) => raw.respond.call(this, data, sent);
  const delivery = this[DELIVERY];
  if (!delivery || !this.reply) return send(options);
  return respondInstrumented(delivery.instrumentation, this.reply, data, options, send, delivery.context);
}
