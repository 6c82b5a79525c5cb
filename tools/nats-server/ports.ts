/**
 * Free TCP ports of 127.0.0.1 that stay free while a server restarts.
 *
 * They lie below the ephemeral ports (Linux from 32768, others from 49152). An ephemeral port could be taken by an
 * outgoing connection while its server is down, even by a client that reconnects to it: it can connect to itself.
 */
import { createServer } from "node:net";

const LOWEST = 10_240;
const HIGHEST = 32_767;
const ATTEMPTS = 100;

/** Returns a port that no process listens on: the preferred one if it is free, otherwise one at random. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free TCP port among ${ATTEMPTS} tried between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
