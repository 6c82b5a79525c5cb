/** OpenTelemetry in a process of the test: the SDK as its environment says, ended in order when told to end. */
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();

/** Says that the process is ready, and ends it, its spans exported, when its standard input ends. */
export function readyUntilTold(ready: string, close: () => Promise<unknown>): void {
  process.stdout.write(`${ready}\n`);
  process.stdin.resume().on("end", async () => {
    await close();
    await sdk.shutdown();
    process.exit(0);
  });
}
