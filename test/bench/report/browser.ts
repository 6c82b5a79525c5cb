/**
 * Headless Chromium, controlled over two pipes with the DevTools protocol: opens a page and returns its errors,
 * requests and elements. The network is blocked.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

// biome-ignore-start lint/suspicious/noExplicitAny: the protocol's messages
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: any;
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** The behaviour of a page. */
export interface Page {
  /** Violations of its policy, errors, anything that was written to its console. */
  readonly complaints: readonly string[];
  /** Everything that it asked for, itself first. */
  readonly requests: readonly string[];
  /** The value of an expression, as JSON can say it. */
  evaluate(expression: string): Promise<any>;
  /** A PNG of all of it, in base64. */
  screenshot(): Promise<string>;
}

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #hear = new Set<(message: Message & { readonly sessionId?: string }) => void>();
  #id = 0;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let rest = "";
    (process.stdio[4] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\0");
      rest = parts.pop() as string;
      for (const part of parts) this.#take(JSON.parse(part) as Message);
    });
    process.once("exit", () => {
      for (const answer of this.#waiting.values()) answer({ error: { message: "the browser ended" } });
    });
  }

  static async launch(program: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "natscope-browser-"));
    const process = spawn(
      program,
      [
        "--headless",
        "--no-sandbox", // pages are our own, and containers have no user namespaces to give
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--remote-debugging-pipe",
        `--user-data-dir=${profile}`,
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    await once(process, "spawn");
    return new Browser(process, profile);
  }

  /** Opens a file and waits until it is loaded. */
  async open(
    path: string,
    { scheme = "light", width = 1200 }: { scheme?: "light" | "dark"; width?: number } = {},
  ): Promise<Page> {
    const { targetId } = await this.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.#call("Target.attachToTarget", { targetId, flatten: true });
    const call = (method: string, params: object = {}) => this.#call(method, params, sessionId);
    const complaints: string[] = [];
    const requests: string[] = [];
    const loaded = new Promise<void>((resolve) => {
      this.#hear.add(({ method, params, sessionId: of }) => {
        if (of !== sessionId) return;
        if (method === "Log.entryAdded") complaints.push(`${params.entry.source}: ${params.entry.text}`);
        if (method === "Runtime.consoleAPICalled") complaints.push(`console: ${JSON.stringify(params.args)}`);
        if (method === "Runtime.exceptionThrown") {
          complaints.push(`exception: ${params.exceptionDetails.exception?.description}`);
        }
        if (method === "Network.requestWillBeSent") requests.push(params.request.url);
        if (method === "Page.loadEventFired") resolve();
      });
    });
    for (const domain of ["Page", "Network", "Log", "Runtime"]) await call(`${domain}.enable`);
    await call("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    await call("Page.navigate", { url: pathToFileURL(path).href });
    await loaded;
    const evaluate = async (expression: string) => {
      const { result, exceptionDetails } = await call("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    const screenshot = async () =>
      (await call("Page.captureScreenshot", { captureBeyondViewport: true })).data as string;
    return { complaints, requests, evaluate, screenshot };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await ended;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #take(message: Message): void {
    if (message.id === undefined) for (const hear of this.#hear) hear(message);
    else {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }

  async #call(method: string, params: object, sessionId?: string): Promise<any> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    const text = JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) });
    (this.#process.stdio[3] as Writable).write(`${text}\0`);
    const { error, result } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above
