import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLog } from "../../src/cli/log.ts";
import type { Settings } from "../../src/exporter/settings/settings.ts";
import { temporaryDirectory } from "../exporter/server/fixture.ts";

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

/** Lines of a log with a message of each level, with TIME in place of times. */
function linesOf(settings: Pick<Settings, "logLevel" | "logFormat">): readonly string[] {
  const file = join(temporaryDirectory(), "log");
  const descriptor = openSync(file, "a");
  const log = openLog(settings, descriptor);
  log.info("listening");
  log.warn('the "server" failed', { server: "n 1", collector: "varz", alike: 2, nothing: undefined });
  log.error("failed", { error: Object.assign(new Error("why"), { stack: "Error: why\n  at x" }) });
  closeSync(descriptor);
  return readFileSync(file, "utf8").replace(new RegExp(TIME, "g"), "TIME").trimEnd().split("\n");
}

describe("the log", () => {
  it("writes a JSON object per line", () => {
    const lines = linesOf({ logLevel: "info", logFormat: "json" });
    expect(lines).toEqual([
      '{"level":"info","time":"TIME","msg":"listening"}',
      '{"level":"warn","time":"TIME","server":"n 1","collector":"varz","alike":2,"msg":"the \\"server\\" failed"}',
      '{"level":"error","time":"TIME","error":"Error: why\\n  at x","msg":"failed"}',
    ]);
  });

  it("writes logfmt as Prometheus does", () => {
    const lines = linesOf({ logLevel: "debug", logFormat: "logfmt" });
    expect(lines).toEqual([
      "time=TIME level=info msg=listening",
      'time=TIME level=warn msg="the \\"server\\" failed" server="n 1" collector=varz alike=2',
      'time=TIME level=error msg=failed error="Error: why\\n  at x"',
    ]);
  });

  it("writes text with the message first", () => {
    const lines = linesOf({ logLevel: "warn", logFormat: "text" });
    expect(lines).toEqual([
      'TIME WARN the "server" failed server="n 1" collector="varz" alike=2',
      'TIME ERROR failed error="Error: why\\n  at x"',
    ]);
  });

  it("leaves out messages below its level", () => {
    expect(linesOf({ logLevel: "error", logFormat: "json" })).toHaveLength(1);
  });
});
