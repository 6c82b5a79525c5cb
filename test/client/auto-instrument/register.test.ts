import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { until } from "../../rig/until.ts";
import {
  type Application,
  type ExportedSpan,
  freePort,
  startApplication,
  startCollector,
} from "./application.ts";

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer();
});
afterAll(() => server.stop());

/** Output of a process that ended with exit code 0. */
async function outputOf(application: Application): Promise<string> {
  expect(await application.ended, application.output.stderr).toEqual({ code: 0, signal: null });
  return application.output.stdout;
}

interface ApplicationOutput {
  readonly seen: readonly string[];
  readonly metrics: readonly {
    readonly name: string;
    readonly values: readonly {
      readonly value: number;
      readonly labels: Readonly<Record<string, string>>;
      readonly metricName?: string;
    }[];
  }[];
}

/** Counts as `name label,label`. They differ between applications only if one is not instrumented. */
function countsOf({ metrics }: ApplicationOutput): Record<string, number> {
  const values = metrics.flatMap(({ name, values }) => values.map((one) => ({ name, ...one })));
  return Object.fromEntries(
    values
      .filter(
        ({ value, name, metricName = name }) => value > 0 && /(_messages_.*_total|_count)$/.test(metricName),
      )
      .map(({ name, metricName = name, labels, value }) => [
        `${metricName} ${Object.values(labels).join(",")}`,
        value,
      ]),
  );
}

const COUNTS = {
  "nats_messages_published_total greetings.en": 1,
  "nats_messages_published_total echo": 1,
  "nats_messages_published_total _INBOX": 1,
  "nats_messages_published_total stored.one": 1,
  "nats_messages_received_total greetings.*": 1,
  "nats_messages_received_total echo": 1,
  "nats_message_processing_seconds_count greetings.*": 1,
  "nats_message_processing_seconds_count echo": 1,
  "nats_request_seconds_count echo,ok": 1,
  "nats_jetstream_publish_ack_seconds_count stored.one,ok": 1,
  "nats_kv_operation_seconds_count values,put,ok": 1,
};

const APPLICATIONS = ["v2.mjs", "v2.cjs", "v3.mjs", "v3.cjs", "lazy.mjs"];

describe.each(APPLICATIONS)("an application without natscope in its code (%s)", (name) => {
  it("is instrumented with --import: metrics in its registry, spans to its collector", async () => {
    await using collector = await startCollector();
    await using application = startApplication(name, {
      natsUrl: server.clientUrl,
      environment: collector.environment,
    });
    const output = JSON.parse(await outputOf(application)) as ApplicationOutput;
    expect(output.seen).toEqual(["hello", "again"]);
    expect(countsOf(output)).toEqual(COUNTS);
    expect(application.output.stderr).toBe("");
    const { spans } = collector;
    expect(spans.map((span) => span.name).sort()).toEqual([
      "process echo",
      "process greetings.*",
      "publish greetings.en",
      "publish stored.one",
      expect.stringMatching(/^put /),
      "request echo",
      "respond",
    ]);
    expectParent(spans, "publish greetings.en", "process greetings.*");
    expectParent(spans, "request echo", "process echo");
    expectParent(spans, "process echo", "respond");
  });

  it("is instrumented with --require", async () => {
    await using application = startApplication(name, {
      natsUrl: server.clientUrl,
      environment: { OTEL_SDK_DISABLED: "true" },
      how: "--require",
    });
    expect(countsOf(JSON.parse(await outputOf(application)) as ApplicationOutput)).toEqual(COUNTS);
    expect(application.output.stderr).toBe("");
  });
});

function expectParent(spans: readonly ExportedSpan[], parent: string, child: string): void {
  const named = (name: string) => spans.find((span) => span.name === name);
  expect(named(child)).toMatchObject({
    traceId: named(parent)?.traceId,
    parentSpanId: named(parent)?.spanId,
  });
}

describe("natscope/register", () => {
  it("serves metrics on the configured port, with the configured templates", async () => {
    const port = await freePort();
    await using application = startApplication("v2.mjs", {
      natsUrl: server.clientUrl,
      environment: {
        OTEL_SDK_DISABLED: "true",
        STAY: "1",
        NATSCOPE_METRICS_PORT: String(port),
        NATSCOPE_METRICS_HOST: "127.0.0.1",
        NATSCOPE_SUBJECT_TEMPLATES: "greetings.*, stored.>",
      },
    });
    await until("its output", () => application.output.stdout.includes("\n") || undefined);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    expect(text).toContain('nats_messages_published_total{subject="greetings.*"} 1');
    expect(text).toContain('nats_messages_published_total{subject="stored.>"} 1');
    application.process.stdin?.end();
    await outputOf(application);
  });

  it("reports every invalid variable with the expected value, and continues without it", async () => {
    await using application = startApplication("v2.mjs", {
      natsUrl: server.clientUrl,
      environment: {
        OTEL_SDK_DISABLED: "true",
        NATSCOPE_METRICS_PORT: "ninety",
        NATSCOPE_SUBJECT_TEMPLATES: "greetings.*,a..b",
      },
    });
    expect(countsOf(JSON.parse(await outputOf(application)) as ApplicationOutput)).toMatchObject({
      "nats_messages_published_total greetings.*": 1,
    });
    const { stderr } = application.output;
    expect(stderr).toContain('NATSCOPE_METRICS_PORT is "ninety": expected a whole number from 0 to 65535');
    expect(stderr).toContain('NATSCOPE_SUBJECT_TEMPLATES has "a..b": expected a subject');
  });

  it("reports that a port is in use, and continues without the server", async () => {
    await using collector = await startCollector();
    const { port } = new URL(collector.environment.OTEL_EXPORTER_OTLP_ENDPOINT as string);
    await using application = startApplication("v3.mjs", {
      natsUrl: server.clientUrl,
      environment: {
        OTEL_SDK_DISABLED: "true",
        NATSCOPE_METRICS_PORT: port,
        NATSCOPE_METRICS_HOST: "127.0.0.1",
      },
    });
    expect(countsOf(JSON.parse(await outputOf(application)) as ApplicationOutput)).toEqual(COUNTS);
    expect(application.output.stderr).toContain("no metrics server");
  });

  it("does nothing in a process that never connects", async () => {
    await using collector = await startCollector();
    const { port } = new URL(collector.environment.OTEL_EXPORTER_OTLP_ENDPOINT as string);
    await using application = startApplication("nothing.mjs", {
      natsUrl: server.clientUrl,
      // It would be reported as in use.
      environment: {
        ...collector.environment,
        NATSCOPE_METRICS_PORT: port,
        NATSCOPE_METRICS_HOST: "127.0.0.1",
      },
    });
    expect(await outputOf(application)).toBe("done");
    expect(application.output.stderr).toBe("");
  });

  it("leaves an SDK that the application registered", async () => {
    await using collector = await startCollector();
    await using application = startApplication("own-sdk.mjs", {
      natsUrl: server.clientUrl,
      environment: collector.environment,
    });
    expect(JSON.parse(await outputOf(application))).toEqual(["publish mine"]);
    expect(application.output.stderr).toBe("");
    expect(collector.spans).toEqual([]);
  });

  it("never affects an application whose registry and tracer throw", async () => {
    await using application = startApplication("hostile.mjs", { natsUrl: server.clientUrl });
    expect(await outputOf(application)).toBe("fine");
    expect(application.output.stderr).toContain("no metrics here");
    expect(application.output.stderr).toContain("no spans here");
  });

  it("connects outside any context, so that no message joins the trace of the code that connected", async () => {
    await using collector = await startCollector();
    await using application = startApplication("contexts.mjs", {
      natsUrl: server.clientUrl,
      environment: collector.environment,
    });
    await outputOf(application);
    const { spans } = collector;
    expect(spans.map((span) => span.name).sort()).toEqual(["asked", "process called", "publish called"]);
    expectParent(spans, "publish called", "process called");
    const asked = spans.find((span) => span.name === "asked");
    expect(spans.filter((span) => span.traceId === asked?.traceId)).toEqual([asked]);
  });
});

describe("a signal", () => {
  it("ends an application as usual, after its spans are exported", async () => {
    await using collector = await startCollector();
    await using application = startApplication("waiting.mjs", {
      natsUrl: server.clientUrl,
      environment: collector.environment,
    });
    await until("its output", () => application.output.stdout === "ready\n" || undefined);
    application.process.kill("SIGTERM");
    expect(await application.ended).toEqual({ code: null, signal: "SIGTERM" });
    expect(collector.spans.map(({ name }) => name)).toEqual(["publish waiting"]);
  });

  it("ends an application at once if it is sent twice", async () => {
    // Accepts spans and never replies.
    const collector = createServer(() => {});
    await once(collector.listen(0, "127.0.0.1"), "listening");
    const { port } = collector.address() as AddressInfo;
    try {
      await using application = startApplication("waiting.mjs", {
        natsUrl: server.clientUrl,
        environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
      });
      await until("its output", () => application.output.stdout === "ready\n" || undefined);
      application.process.kill("SIGINT");
      await once(collector, "request");
      application.process.kill("SIGINT");
      expect(await application.ended).toEqual({ code: null, signal: "SIGINT" });
    } finally {
      collector.closeAllConnections();
      collector.close();
    }
  });

  it("is left to an application that handles it, even with once", async () => {
    await using collector = await startCollector();
    await using application = startApplication("waiting.mjs", {
      natsUrl: server.clientUrl,
      environment: { ...collector.environment, HANDLE: "1" },
    });
    await until("its output", () => application.output.stdout === "ready\n" || undefined);
    application.process.kill("SIGTERM");
    expect(await application.ended).toEqual({ code: 7, signal: null });
    expect(collector.spans.map(({ name }) => name)).toEqual(["publish waiting"]);
  });
});

describe("without @opentelemetry/sdk-node, and with a prom-client of its own", () => {
  let folder: string;
  beforeAll(() => {
    folder = withoutSdk();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = (environment: Record<string, string>) =>
    startApplication(pathToFileURL(join(folder, "app", "v2.mjs")), {
      natsUrl: server.clientUrl,
      register: pathToFileURL(join(folder, "src", "register.ts")),
      environment,
    });

  it("records metrics without a warning", async () => {
    await using application = start({});
    expect(countsOf(JSON.parse(await outputOf(application)) as ApplicationOutput)).toEqual(COUNTS);
    expect(application.output.stderr).toBe("");
  });

  it("warns if variables ask for spans", async () => {
    await using application = start({ OTEL_TRACES_EXPORTER: "otlp" });
    expect(countsOf(JSON.parse(await outputOf(application)) as ApplicationOutput)).toEqual(COUNTS);
    expect(application.output.stderr).toContain(
      "OTEL_TRACES_EXPORTER is set, but @opentelemetry/sdk-node is not installed",
    );
  });
});

/**
 * natscope and an application in a folder of their own, with all packages except the SDK. The application has
 * its own copy of prom-client.
 */
function withoutSdk(): string {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "natscope-register-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
  cpSync(fileURLToPath(new URL("fixtures", import.meta.url)), join(folder, "app"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".") || name === "@opentelemetry") continue;
    link(join("node_modules", name));
  }
  link(join("node_modules", "@opentelemetry", "api"));
  const own = join("node_modules", "prom-client");
  cpSync(join(root, own), join(folder, "app", own), { recursive: true });
  return folder;

  function link(path: string): void {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
}
