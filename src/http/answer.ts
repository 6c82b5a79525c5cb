/** Small answers, and what all answers have in common: allowed methods, paths, clients that left. */
import type { IncomingMessage, ServerResponse } from "node:http";

const METHODS = ["GET", "HEAD"];

/** Whether the method is one of those that are answered; else it is refused here. */
export function isAllowed({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (METHODS.includes(method ?? "")) return true;
  response.setHeader("Allow", METHODS.join(", "));
  sendText(response, 405, `allowed are ${METHODS.join(" and ")}`);
  return false;
}

/** Codes of a stream whose other end is gone. */
const CLIENT_LEFT = ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ECANCELED"];

/** Whether an answer failed because nobody waits for it any more. */
export function clientLeft(error: unknown): boolean {
  return CLIENT_LEFT.includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Path and query of a request target. Its paths are compared as they come: nothing here needs decoding. */
export function parsePath(target: string): { path: string; query: URLSearchParams } {
  const [path = "", ...query] = target.replace(/^https?:\/\/[^/?#]*/i, "").split("?");
  return { path: path === "" ? "/" : path, query: new URLSearchParams(query.join("?")) };
}

/** A sentence as plain text. */
export function sendText(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, "text/plain; charset=utf-8", `${sentence}\n`);
}

/** The body of an answer to HEAD is dropped by `node:http`. */
export function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}
