/**
 * OpenTelemetry in a process of the test: the SDK, configured by the environment, and an orderly shutdown.
 */
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();

/** Prints that the process is ready. When standard input ends, exports the spans and exits. */
export function readyUntilEnd(ready: string, close: () => Promise<unknown>): void {
  process.stdout.write(`${ready}\n`);
  process.stdin.resume().on("end", async () => {
    await close();
    await sdk.shutdown();
    process.exit(0);
  });
}
