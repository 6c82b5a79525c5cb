/** The demo's shop on the cluster of compose.yaml, until it is told to stop. */
import { openShop } from "../tools/demo/shop.ts";

const [clientUrl = "nats://127.0.0.1:4222", serverVersion = "2.14.2"] = process.argv.slice(2);
await using shop = await openShop(clientUrl, serverVersion);
console.log(`a shop of ${shop.clients} clients at ${clientUrl}`);
await new Promise((resolve) => {
  process.on("SIGTERM", resolve);
  process.on("SIGINT", resolve);
});
