/** Runs the demo application on the cluster of compose.yaml until it gets SIGTERM or SIGINT. */
import { openShop } from "../tools/demo/shop.ts";

const [clientUrl = "nats://127.0.0.1:4222", serverVersion = "2.14.2"] = process.argv.slice(2);
await using shop = await openShop(clientUrl, serverVersion);
console.log(`demo shop: ${shop.clients} clients connected to ${clientUrl}`);
await new Promise((resolve) => {
  process.on("SIGTERM", resolve);
  process.on("SIGINT", resolve);
});
