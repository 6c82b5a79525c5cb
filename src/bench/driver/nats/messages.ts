/**
 * Views of the client's messages, one for each subscription, which show one message after the other without
 * allocating; and header lines in the client's form.
 */
import { headers as clientHeaders, type JsMsg, type Msg, type MsgHdrs } from "nats";
import { type HeaderLines, LinkError, type Message, type StreamMessage } from "../driver.ts";
import { type AckFacts, readAckSubject } from "./ack-subject.ts";
import { linkError } from "./failure.ts";

/** View of a message. */
export class MessageView implements Message {
  #message: Msg;

  constructor(message: Msg) {
    this.#message = message;
  }

  /** Shows another message. */
  show(message: Msg): this {
    this.#message = message;
    return this;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  header(name: string): string | undefined {
    return headerOf(this.#message.headers, name);
  }

  respond(data: Uint8Array): boolean {
    try {
      return this.#message.respond(data);
    } catch (error) {
      throw linkError(error, `respond to ${this.subject}`);
    }
  }
}

/** View of a message from a stream. */
export class StreamMessageView implements StreamMessage {
  #message: JsMsg;
  /** The message that `#facts` belongs to: the facts are parsed on demand. */
  #read: JsMsg | undefined;
  readonly #facts: AckFacts = { streamSequence: 0, deliveryCount: 0, storedAtMs: 0 };

  constructor(message: JsMsg) {
    this.#message = message;
  }

  /** Shows another message. */
  show(message: JsMsg): this {
    this.#message = message;
    return this;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  header(name: string): string | undefined {
    return headerOf(this.#message.headers, name);
  }

  /** The reply subject belongs to the stream, for acks. */
  respond(): boolean {
    return false;
  }

  get streamSequence(): number {
    return this.#ackFacts().streamSequence;
  }

  get deliveryCount(): number {
    return this.#ackFacts().deliveryCount;
  }

  get storedAtMs(): number {
    return this.#ackFacts().storedAtMs;
  }

  ack(): void {
    this.#message.ack();
  }

  async ackConfirmed(): Promise<boolean> {
    const message = this.#message;
    try {
      return await message.ackAck();
    } catch (error) {
      throw linkError(error, `ack of a message on ${message.subject}`);
    }
  }

  #ackFacts(): AckFacts {
    if (this.#read === this.#message) return this.#facts;
    const { reply } = this.#message as unknown as { readonly reply: string };
    if (!readAckSubject(reply, this.#facts)) {
      throw new LinkError("invalid_ack", `a message on ${this.subject} does not come from a stream`);
    }
    this.#read = this.#message;
    return this.#facts;
  }
}

/** Value of a header; undefined if it is missing. */
export function headerOf(headers: MsgHdrs | undefined, name: string): string | undefined {
  const value = headers?.get(name);
  return value || (headers?.has(name) ? value : undefined);
}

/** Converts header lines for the client, and keeps the last conversion for senders that repeat their lines. */
export class OutgoingHeaders {
  #lines: HeaderLines | undefined;
  #headers: MsgHdrs = clientHeaders();

  of(lines: HeaderLines): MsgHdrs {
    if (lines !== this.#lines) {
      this.#headers = headersOf(lines);
      this.#lines = lines;
    }
    return this.#headers;
  }
}

/** Throws the client's error if a name or a value is not allowed. */
export function headersOf(lines: HeaderLines): MsgHdrs {
  const headers = clientHeaders();
  for (const [name, value] of lines) headers.append(name, value);
  return headers;
}
