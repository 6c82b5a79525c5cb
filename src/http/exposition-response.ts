/**
 * Families as the body of a response, in the format and encoding that the client prefers. Chunks are written as fast
 * as the client reads them; between two chunks other requests get a turn.
 */
import type { ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { CONTENT_TYPE, render } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import { chooseEncoding, chooseFormat } from "./negotiation.ts";
import type { Exchange } from "./server.ts";

/** A client that reads nothing for this long is disconnected. */
const STALL_MS = 30_000;

/**
 * Resolves when the client has the whole response. Rejects if the client disconnects or rendering fails.
 *
 * @param gather not called for HEAD
 */
export async function answerWithFamilies(
  { request, response }: Exchange,
  gather: () => Promise<readonly Family[]> | readonly Family[],
): Promise<void> {
  const format = chooseFormat(request.headers.accept);
  const encoding = chooseEncoding(request.headers["accept-encoding"]?.toString());
  const families = request.method === "HEAD" ? undefined : await gather();
  if (response.destroyed) return;
  response.statusCode = 200;
  response.setHeader("Content-Type", CONTENT_TYPE[format]);
  response.setHeader("Vary", "Accept, Accept-Encoding");
  if (encoding === "gzip") response.setHeader("Content-Encoding", "gzip");
  if (!families) {
    response.end();
    return;
  }
  response.setTimeout(STALL_MS, () => response.destroy());
  const chunks = render(families, format);
  if (encoding === "gzip") await sendCompressed(chunks, response);
  else await Promise.all([finished(response), writeAll(chunks, response)]);
}

async function sendCompressed(chunks: Iterable<Uint8Array>, response: ServerResponse): Promise<void> {
  // Level 1: three times as fast as the default for this kind of text, and 10 % larger.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  await Promise.all([pipeline(gzip, response), writeAll(chunks, gzip)]);
}

/** Renders a chunk only after the previous one has been written: all chunks share their memory. */
async function writeAll(chunks: Iterable<Uint8Array>, stream: Writable): Promise<void> {
  let abandon: (reason: Error) => void = () => {};
  stream.once("close", () => abandon(new Error("closed before everything was written")));
  for (const chunk of chunks) {
    if (stream.destroyed) throw new Error("closed before everything was written");
    await new Promise<void>((resolve, reject) => {
      abandon = reject;
      stream.write(chunk, (error) => (error ? reject(error) : setImmediate(resolve)));
    });
  }
  stream.end();
}
