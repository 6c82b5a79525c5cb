/** The worker thread of `null-peer.ts`. */
import { type AddressInfo, createServer } from "node:net";
import { parentPort } from "node:worker_threads";
import { NullSession, type NullSubscriptions } from "./null-session.ts";

const subscriptions: NullSubscriptions = new Map();
const server = createServer({ noDelay: true }, (socket) => {
  const session = new NullSession(subscriptions, (bytes) => {
    if (socket.writable) socket.write(bytes);
  });
  socket.on("data", (bytes) => session.read(bytes as Buffer));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => session.end());
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
