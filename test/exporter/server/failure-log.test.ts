import { expect, it } from "vitest";
import { failureLog } from "../../../src/exporter/server/failure-log.ts";

it("says a kind of failure of a server at once, and then once a minute with how many were like it", () => {
  const lines: unknown[] = [];
  let now = 0;
  const tell = failureLog({ warn: (message, fields) => lines.push([message, fields]) }, () => now);
  const fail = (server: string, collector: string, reason: "timeout" | "connection") =>
    tell({ server, collector, reason, message: `${collector} failed` });
  fail("a", "varz", "connection");
  fail("a", "jsz", "connection");
  fail("b", "varz", "connection");
  fail("a", "varz", "timeout");
  now = 59_999;
  fail("a", "varz", "connection");
  now = 60_000;
  fail("a", "connz", "connection");
  expect(lines).toEqual([
    ["varz failed", { server: "a", collector: "varz", reason: "connection" }],
    ["varz failed", { server: "b", collector: "varz", reason: "connection" }],
    ["varz failed", { server: "a", collector: "varz", reason: "timeout" }],
    ["connz failed", { server: "a", collector: "connz", reason: "connection", alike: 2 }],
  ]);
});
