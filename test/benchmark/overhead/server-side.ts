/**
 * The other clients of the server while a connection is measured: a publisher and a responder. Both write prepared
 * bytes to a socket, so that they use almost no processor time.
 */

import { once } from "node:events";
import net from "node:net";
import { PAYLOAD_BYTES } from "./workloads.ts";

/** Messages to publish. */
export interface Feed {
  readonly subject: string;
  readonly count: number;
  /** Header of each message. Default: messages have no headers. */
  readonly traceparent?: string;
}

/** A connection that speaks the NATS protocol by hand. */
export class ServerSide {
  readonly #socket: net.Socket;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  /** Connects, and answers every request on `service` with its own payload. */
  static async start(clientUrl: string, service: string): Promise<ServerSide> {
    const { hostname, port } = new URL(clientUrl);
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    socket.write(`CONNECT {"verbose":false,"headers":true}\r\nSUB ${service} 1\r\nPING\r\n`);
    const side = new ServerSide(socket);
    let rest = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop() as string;
      side.#answer(lines);
    });
    return side;
  }

  /** Publishes messages. */
  feed({ subject, count, traceparent }: Feed): void {
    const payload = "x".repeat(PAYLOAD_BYTES);
    const headers = traceparent && `NATS/1.0\r\ntraceparent: ${traceparent}\r\n\r\n`;
    const message = headers
      ? `HPUB ${subject} ${headers.length} ${headers.length + PAYLOAD_BYTES}\r\n${headers}${payload}\r\n`
      : `PUB ${subject} ${PAYLOAD_BYTES}\r\n${payload}\r\n`;
    const hundred = Buffer.from(message.repeat(100));
    for (let fed = 0; fed < count; fed += 100) {
      this.#socket.write(hundred.subarray(0, Math.min(100, count - fed) * message.length));
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #answer(lines: readonly string[]): void {
    let answers = "";
    for (const line of lines) {
      if (line === "PING") answers += "PONG\r\n";
      if (!/^H?MSG /.test(line)) continue;
      answers += `PUB ${line.split(" ")[3]} ${PAYLOAD_BYTES}\r\n${"x".repeat(PAYLOAD_BYTES)}\r\n`;
    }
    if (answers !== "") this.#socket.write(answers);
  }
}
