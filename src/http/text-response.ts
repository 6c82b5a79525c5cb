/** Responses whose body is one string. */
import type { ServerResponse } from "node:http";

/** Sends a sentence as plain text. */
export function sendText(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, "text/plain; charset=utf-8", `${sentence}\n`);
}

/** Sends the body with its length. `node:http` drops the body of a response to HEAD. */
export function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}
