/**
 * Free TCP ports of 127.0.0.1 that stay free between two starts of a server.
 *
 * They lie below the ranges from which systems give out ports of their own (Linux from 32768, others from
 * 49152). Above, an outgoing connection can take the port while its server is down; even a client that tries
 * to reconnect to it can, by connecting to itself.
 */
import { createServer } from "node:net";

const LOWEST = 10_240;
const HIGHEST = 32_767;
const ATTEMPTS = 100;

/** A port that nobody listens on now: the preferred one where it is free, else one at random. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${ATTEMPTS} TCP ports tried between ${LOWEST} and ${HIGHEST} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
