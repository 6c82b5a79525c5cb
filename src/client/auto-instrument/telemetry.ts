/**
 * Starts OpenTelemetry's SDK (`@opentelemetry/sdk-node`, if the application has it installed) unless the
 * application has started one, and flushes spans before the process ends. The SDK's own variables configure
 * it: `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, …
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { type TracerProvider, trace } from "@opentelemetry/api";
import { registeredProvider } from "../tracing/provider.ts";

const PACKAGE = "@opentelemetry/sdk-node";

/** The two ways to start it, by version. */
interface SdkModule {
  readonly NodeSDK?: new () => { start(): void };
  readonly startNodeSdk?: () => unknown;
}

/**
 * Starts the SDK, unless one is registered, disabled, or not installed.
 * @returns a warning, if the variables ask for traces and the SDK is not installed
 */
export function startTelemetry(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === "true" || registeredProvider()) return undefined;
  const sdk = loadSdk();
  if (!sdk) {
    const wanted = Object.keys(environment).find((name) => /^OTEL_(?:TRACES|EXPORTER|SERVICE)_/.test(name));
    return wanted && `${wanted} is set, but ${PACKAGE} is not installed: metrics are recorded, spans are not`;
  }
  if (sdk.NodeSDK) new sdk.NodeSDK().start();
  else sdk.startNodeSdk?.();
  wakeTracers();
  flushBeforeTheEnd();
  return undefined;
}

/** The API's own provider, which hands out tracers before an SDK is registered. */
interface ProxyShape {
  setDelegate?(provider: TracerProvider): void;
}

/**
 * The API is loaded twice, as ES module and as CommonJS, and the SDK connects only the early tracers of its
 * own copy.
 */
function wakeTracers(): void {
  const { _proxyTracerProvider: own } = trace as unknown as { readonly _proxyTracerProvider?: ProxyShape };
  const provider = registeredProvider();
  if (provider) own?.setDelegate?.(provider);
}

/** Resolves the SDK from the application's entry, its working directory, or natscope. */
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
 * A listener replaces the default action of a signal. So the signal is raised again after the flush, unless
 * the application has a listener too and decides itself what happens.
 */
function flushOn(signal: NodeJS.Signals): void {
  let isFlushing = false;
  const flushed = async () => {
    const isAlone = process.listenerCount(signal) === 1;
    // A second signal must not wait for the flush.
    const isUrgent = isFlushing;
    isFlushing = true;
    if (!isUrgent) await flush();
    isFlushing = false;
    if (!isAlone) return;
    process.removeListener(signal, flushed);
    process.kill(process.pid, signal);
  };
  process.on(signal, flushed);
  // A `once` listener is removed when it is called; to count it, this listener has to run first.
  process.on("newListener", (event, listener) => {
    if (event !== signal || listener === flushed || !process.listeners(signal).includes(flushed)) return;
    queueMicrotask(() => {
      process.removeListener(signal, flushed);
      process.prependListener(signal, flushed);
    });
  });
}

/** Never rejects, and takes no longer than FLUSH_TIMEOUT_MS. */
async function flush(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
  });
  await Promise.race([registeredProvider()?.forceFlush?.(), limit]).catch(() => {});
  clearTimeout(timer);
}
