import { afterAll, beforeAll, expect, it } from "vitest";
import { mayBeAnswered, payloadLength } from "../../../src/client/shapes/message-internals.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachClient } from "../clients.ts";

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

describeEachClient("a delivered message", (client) => {
  it("has its length and reply subject, with and without headers", async () => {
    const connection = await client.connect({ servers: server.clientUrl });
    const subscription = connection.subscribe("a", { max: 6 });
    const headers = client.headers();
    headers.set("a", "b");
    for (const data of ["", "four"]) {
      connection.publish("a", data);
      connection.publish("a", data, { headers });
      connection.publish("a", data, { headers, reply: "b" });
    }
    const results: unknown[] = [];
    for await (const message of subscription) {
      results.push([payloadLength(message), mayBeAnswered(message)]);
      expect(payloadLength(message)).toBe(message.data.length);
      expect(mayBeAnswered(message)).toBe(Boolean(message.reply));
    }
    expect(results).toEqual([
      [0, false],
      [0, false],
      [0, true],
      [4, false],
      [4, false],
      [4, true],
    ]);
    await connection.close();
  });
});

it("is read by its public members if it is of another kind, and may be replied to", () => {
  const message = { data: new Uint8Array(3) };
  expect([payloadLength(message), mayBeAnswered(message)]).toEqual([3, true]);
});

it("has no length if it accompanies an error", () => {
  expect(payloadLength({} as never)).toBeUndefined();
  expect(payloadLength(undefined)).toBeUndefined();
});
