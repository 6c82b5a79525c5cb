/**
 * Monitoring: what Prometheus sees of a program that uses NATS.
 *
 *     node examples/monitoring.ts              METRICS_PORT=9464 for another port than 9090
 */
import { connectFromEnv, instrument, startMetricsServer } from "natscope/client";
import { Counter } from "prom-client";

// Without a registry of your own, everything goes to prom-client's: NATS beside your own metrics.
const nc = instrument(await connectFromEnv());
const sales = new Counter({ name: "shop_sales_total", help: "Things sold." });

// An application with an HTTP server of its own adds a route instead: `await register.metrics()`.
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

// Some of what a scrape gets.
const text = await (await fetch(server.url)).text();
const interesting = /^(shop_sales|nats_(messages|connection_status|active|request_seconds_count))/;
console.log(
  text
    .split("\n")
    .filter((line) => interesting.test(line))
    .join("\n"),
);

// A real program goes on serving. The server does not keep it running, so there is nothing else to stop.
await server.close();
await nc.drain();
