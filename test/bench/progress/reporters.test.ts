import { createServer } from "node:net";
import { expect, it } from "vitest";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { runNatscope, startNatscope } from "../../cli/natscope.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { until } from "../../rig/until.ts";

const environment = { XDG_CONFIG_HOME: "/nowhere" };

it("serves metrics of a run while it goes on, and draws nothing without a terminal", async () => {
  await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
  const argv = ["bench", "request", "--rate", "200", "--duration", "4s", "--warmup", "0s"];
  const more = ["--metrics-listen", ":0", "-s", new URL(server.clientUrl).host];
  const natscope = startNatscope([...argv, ...more], environment);
  const address = await until(
    "the address",
    () => /metrics of this run are at (http\S+)/.exec(natscope.stderr)?.[1],
  );
  expect(new URL(address).hostname).toBe("127.0.0.1");
  const text = await until("operations", async () => {
    const scraped = await (await fetch(address)).text();
    return /^natscope_bench_completed_operations_total\{scenario="request"\} [1-9]/m.test(scraped)
      ? scraped
      : undefined;
  });
  expect(text).toMatch(/^natscope_bench_running\{scenario="request"\} 1$/m);
  await natscope.exit();
  expect(natscope.stdout).toMatch(/messages +800 +800 +0/);
  expect(natscope.stderr).toBe(`natscope: metrics of this run are at ${address}\n`);
  await expect(fetch(address)).rejects.toThrow();
});

it("reports a port in use before it connects to a server", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  const { port } = await until("a port", () => (taken.address() as { port: number } | null) ?? undefined);
  const argv = ["bench", "pub", "--metrics-listen", `127.0.0.1:${port}`, "-s", "127.0.0.1:1"];
  const { code, stderr } = await runNatscope(argv, environment);
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^natscope: .*${port}.*\n$`));
});
