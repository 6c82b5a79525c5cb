/**
 * One connection of the null peer. (Client protocol: docs.nats.io, "NATS Protocol".) Messages from one read are sent in
 * one write, as by a server.
 */

/** Subscriptions of all connections, by subject. */
export type NullSubscriptions = Map<string, NullSubscription[]>;

interface NullSubscription {
  readonly session: NullSession;
  readonly sid: string;
  readonly queue: string | undefined;
}

const INFO =
  'INFO {"server_id":"NULL","server_name":"null","version":"2.10.0","go":"","host":"127.0.0.1","port":0,' +
  '"headers":true,"max_payload":67108864,"proto":1,"client_id":1}\r\n';
const LINE_END = Buffer.from("\r\n");

/** The protocol state of a connection. */
export class NullSession {
  readonly #subscriptions: NullSubscriptions;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #subjects = new Map<string, string>();
  #unread: Buffer = Buffer.alloc(0);
  #out: Uint8Array[] = [];
  #sequence = 0;
  #turn = 0;

  constructor(subscriptions: NullSubscriptions, write: (bytes: Uint8Array) => void) {
    this.#subscriptions = subscriptions;
    this.#write = write;
    write(Buffer.from(INFO));
  }

  read(bytes: Buffer): void {
    this.#unread = this.#unread.length > 0 ? Buffer.concat([this.#unread, bytes]) : bytes;
    let at = 0;
    for (;;) {
      const end = this.#unread.indexOf(LINE_END, at);
      if (end === -1) break;
      const after = this.#take(this.#unread.toString("latin1", at, end), end + 2);
      if (after === undefined) break;
      at = after;
    }
    this.#unread = this.#unread.subarray(at);
    this.#flushAll();
  }

  end(): void {
    for (const sid of this.#subjects.keys()) this.#unsubscribe(sid);
  }

  /** Sends the buffered bytes. */
  flush(): void {
    if (this.#out.length === 0) return;
    this.#write(this.#out.length === 1 ? (this.#out[0] as Uint8Array) : Buffer.concat(this.#out));
    this.#out = [];
  }

  #flushAll(): void {
    this.flush();
    for (const list of this.#subscriptions.values()) for (const { session } of list) session.flush();
  }

  /** @returns the start of the next line; undefined if the message is incomplete */
  #take(line: string, next: number): number | undefined {
    const [verb = "", ...words] = line.split(" ");
    switch (verb.toUpperCase()) {
      case "PING":
        this.#out.push(Buffer.from("PONG\r\n"));
        return next;
      case "SUB":
        this.#subscribe(words);
        return next;
      case "UNSUB":
        if (words.length === 1) this.#unsubscribe(words[0] as string);
        return next;
      case "PUB":
        return this.#publish(words.slice(0, -1), 0, Number(words.at(-1)), next);
      case "HPUB":
        return this.#publish(words.slice(0, -2), Number(words.at(-2)), Number(words.at(-1)), next);
      default:
        return next;
    }
  }

  #subscribe(words: readonly string[]): void {
    const subject = words[0] as string;
    const sid = words.at(-1) as string;
    const queue = words.length === 3 ? words[1] : undefined;
    this.#subjects.set(sid, subject);
    const list = this.#subscriptions.get(subject) ?? [];
    this.#subscriptions.set(subject, [...list, { session: this, sid, queue }]);
  }

  #unsubscribe(sid: string): void {
    const subject = this.#subjects.get(sid);
    if (subject === undefined) return;
    this.#subjects.delete(sid);
    const list = this.#subscriptions.get(subject) ?? [];
    const left = list.filter((one) => one.session !== this || one.sid !== sid);
    if (left.length > 0) this.#subscriptions.set(subject, left);
    else this.#subscriptions.delete(subject);
  }

  #publish(words: readonly string[], headers: number, size: number, from: number): number | undefined {
    const next = from + size + 2;
    if (this.#unread.length < next) return undefined;
    const [subject = "", reply] = words;
    const content = this.#unread.subarray(from, next);
    const receivers = this.#receiversOf(subject);
    for (const { session, sid } of receivers) session.#deliver(subject, sid, reply, headers, content);
    if (receivers.length === 0 && reply !== undefined) {
      const ack = Buffer.from(`{"stream":"null","seq":${++this.#sequence}}\r\n`);
      for (const { session, sid } of this.#receiversOf(reply))
        session.#deliver(reply, sid, undefined, 0, ack);
    }
    return next;
  }

  #deliver(subject: string, sid: string, reply: string | undefined, headers: number, content: Buffer): void {
    const size = content.length - 2;
    const to = reply === undefined ? "" : `${reply} `;
    const line =
      headers > 0
        ? `HMSG ${subject} ${sid} ${to}${headers} ${size}\r\n`
        : `MSG ${subject} ${sid} ${to}${size}\r\n`;
    this.#out.push(Buffer.from(line, "latin1"), content);
  }

  /** All subscribers outside of queue groups, and one member of each queue group in turn. */
  #receiversOf(subject: string): readonly NullSubscription[] {
    const matching = [...this.#subscriptions].flatMap(([pattern, list]) =>
      pattern === subject || matches(pattern, subject) ? list : [],
    );
    if (matching.every(({ queue }) => queue === undefined)) return matching;
    const queues = Map.groupBy(matching, ({ queue }) => queue);
    const turn = this.#turn++;
    return [...queues].flatMap(([queue, list]) =>
      queue === undefined ? list : [list[turn % list.length] as NullSubscription],
    );
  }
}

function matches(pattern: string, subject: string): boolean {
  if (!pattern.includes("*") && !pattern.endsWith(">")) return false;
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  for (const [i, token] of wanted.entries()) {
    if (token === ">") return tokens.length > i;
    if (token !== "*" && token !== tokens[i]) return false;
  }
  return wanted.length === tokens.length;
}
