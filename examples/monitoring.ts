/**
 * Monitoring: metrics of a NATS client for Prometheus.
 *
 *     node examples/monitoring.ts              METRICS_PORT=9464 for another port than 9090
 */
import { connectFromEnv, instrument, startMetricsServer } from "natscope/client";
import { Counter } from "prom-client";

// By default the metrics go to prom-client's global registry, together with your own.
const nc = instrument(await connectFromEnv());
const sales = new Counter({ name: "shop_sales_total", help: "Items sold." });

// If your application has an HTTP server, add a route that returns `await register.metrics()` instead.
const server = await startMetricsServer({ port: Number(process.env.METRICS_PORT ?? 9090) });
console.log(`metrics at ${server.url}`);

nc.subscribe("shop.price", {
  callback(_, message) {
    message.respond("3.50");
  },
});
for (let i = 0; i < 5; i++) {
  await nc.request("shop.price", "tea", { timeout: 1000 });
  nc.publish("shop.sold", "tea");
  sales.inc();
}

// Part of what a scrape returns.
const text = await (await fetch(server.url)).text();
const shown = /^(shop_sales|nats_(messages|connection_status|active|request_seconds_count))/;
console.log(
  text
    .split("\n")
    .filter((line) => shown.test(line))
    .join("\n"),
);

// A real program keeps serving. The metrics server does not keep the process alive.
await server.close();
await nc.drain();
