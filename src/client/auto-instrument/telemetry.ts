/**
 * Starts OpenTelemetry's SDK (`@opentelemetry/sdk-node`, where the application has it) for an application that
 * has not done so itself, and sees that spans are sent before the process ends. All that there is to decide is
 * in the SDK's own variables: `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `OTEL_SERVICE_NAME`, ...
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { type TracerProvider, trace } from "@opentelemetry/api";
import { registeredProvider } from "../tracing/provider.ts";

const PACKAGE = "@opentelemetry/sdk-node";

/** Both ways that there are to start it. */
interface SdkModule {
  readonly NodeSDK?: new () => { start(): void };
  readonly startNodeSdk?: () => unknown;
}

/**
 * Starts the SDK, unless one is registered, disabled, or not installed.
 * @returns what should be said to whoever reads the log, if anything
 */
export function startTelemetry(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === "true" || registeredProvider()) return undefined;
  const sdk = loadSdk();
  if (!sdk) {
    const wanted = Object.keys(environment).find((name) => /^OTEL_(?:TRACES|EXPORTER|SERVICE)_/.test(name));
    return wanted && `${wanted} is set, but ${PACKAGE} is not installed: there are metrics, and no spans`;
  }
  if (sdk.NodeSDK) new sdk.NodeSDK().start();
  else sdk.startNodeSdk?.();
  wakeTracers();
  flushBeforeTheEnd();
  return undefined;
}

/** The API's own provider, which tracers that were got early ask. */
interface ProxyShape {
  setDelegate?(provider: TracerProvider): void;
}

/**
 * The API is there twice, as a module and as CommonJS, and the SDK has woken those tracers only that were got
 * from its own copy before it was there.
 */
function wakeTracers(): void {
  const { _proxyTracerProvider: own } = trace as unknown as { readonly _proxyTracerProvider?: ProxyShape };
  const provider = registeredProvider();
  if (provider) own?.setDelegate?.(provider);
}

/** As the application's entry would, or a file in its working directory, or natscope itself. */
function loadSdk(): SdkModule | undefined {
  const [, entry] = process.argv;
  for (const from of [entry, join(process.cwd(), "package.json"), import.meta.url]) {
    if (!from) continue;
    try {
      const require = createRequire(from);
      require.resolve(PACKAGE);
      return require(PACKAGE) as SdkModule;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const FLUSH_TIMEOUT_MS = 3000;

function flushBeforeTheEnd(): void {
  process.once("beforeExit", () => void flush());
  for (const signal of SIGNALS) flushOn(signal);
}

/**
 * A listener takes away what a signal does by itself. So the signal is sent again when the spans are sent, if
 * nobody else listens to it; who does, decides what comes of it.
 */
function flushOn(signal: NodeJS.Signals): void {
  let isFlushing = false;
  const flushed = async () => {
    const isAlone = process.listenerCount(signal) === 1;
    // Whoever sends it twice is in a hurry.
    const isUrgent = isFlushing;
    isFlushing = true;
    if (!isUrgent) await flush();
    isFlushing = false;
    if (!isAlone) return;
    process.removeListener(signal, flushed);
    process.kill(process.pid, signal);
  };
  process.on(signal, flushed);
  // A listener of one call is gone once it was called: to see it, ours has to be the first.
  process.on("newListener", (event, listener) => {
    if (event !== signal || listener === flushed || !process.listeners(signal).includes(flushed)) return;
    queueMicrotask(() => {
      process.removeListener(signal, flushed);
      process.prependListener(signal, flushed);
    });
  });
}

/** Never rejects, and never takes longer than its limit. */
async function flush(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
  });
  await Promise.race([registeredProvider()?.forceFlush?.(), limit]).catch(() => {});
  clearTimeout(timer);
}
