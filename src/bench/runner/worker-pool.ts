/**
 * The worker threads of a run, seen from the main thread: starts them, waits until all are ready, sends commands and
 * collects reports. `worker/` has the code that runs in the threads.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import { MILLISECOND, SECOND, zeroNow } from "../../time/clock.ts";
import type { ServerFacts } from "../driver/driver.ts";
import { DEFAULT_DRIVER } from "../drivers.ts";
import { RECORDING_BYTES, Recording } from "../measure/recorder.ts";
import type { RunEvent } from "../result/schema.ts";
import { windowOf } from "../scenario/window.ts";
import type {
  Assignment,
  ThreadCommand,
  ThreadOutcome,
  ThreadReport,
  ThreadTask,
} from "../worker/protocol.ts";
import { RunError } from "../worker/run-error.ts";
import type { RunOptions } from "./run-options.ts";

/** A thread that has ended. */
export interface ThreadEnd {
  readonly assignment: Assignment;
  readonly recording: Recording;
  /** Undefined if the thread broke. */
  readonly outcome: ThreadOutcome | undefined;
}

/** Maximum wait for the outcomes of threads: they close their connections, and a close may hang. */
const FINISH_MS = 10_000;

/** Time between the command to begin and the run's zero: every thread has to receive the command before. */
const LEAD_NANOS = 100 * MILLISECOND;

interface PoolThread {
  readonly worker: Worker;
  readonly assignment: Assignment;
  readonly recording: Recording;
  /** Operations in flight, once everything is sent. */
  inFlight: number | undefined;
  outcome: ThreadOutcome | undefined;
  hasExited: boolean;
}

/** All threads of one scenario. */
export class WorkerPool {
  /** One for each thread. */
  readonly recordings: readonly Recording[];
  readonly #threads: readonly PoolThread[];
  readonly #onEvent: (event: RunEvent) => void;
  readonly #servers: ServerFacts[] = [];
  #driver = "";
  #ready = 0;
  #broken: RunError | undefined;
  #wake = () => {};

  /** @param onEvent called when a connection is lost or regained, or an operation fails */
  constructor(options: RunOptions, assignments: readonly Assignment[], onEvent: (event: RunEvent) => void) {
    this.#onEvent = onEvent;
    this.#threads = assignments.map((assignment) => this.#start(assignment, options));
    this.recordings = this.#threads.map(({ recording }) => recording);
  }

  /** The servers of the connections, one for each connection. */
  get servers(): readonly ServerFacts[] {
    return this.#servers;
  }

  /** Client library with its version; empty before the threads are ready. */
  get driver(): string {
    return this.#driver;
  }

  /** Resolves when all threads are connected. Rejects with a `RunError` if one cannot connect. */
  async ready(): Promise<void> {
    while (this.#ready < this.#threads.length) {
      if (this.#broken) throw this.#broken;
      await this.#nextReport();
    }
  }

  /** Returns the run's zero, a moment from now. */
  begin(): bigint {
    const zero = zeroNow() + BigInt(LEAD_NANOS);
    this.#command({ command: "begin", zero });
    return zero;
  }

  /** Ends the sending. */
  stop(): void {
    this.#command({ command: "stop" });
  }

  /** Whether every sender has sent everything. */
  get haveSent(): boolean {
    return this.#threads.every(
      ({ assignment, inFlight }) => assignment.role !== "sender" || inFlight !== undefined,
    );
  }

  /** Operations in flight of the senders that have sent everything. */
  get inFlight(): number {
    return this.#threads.reduce((sum, { inFlight = 0 }) => sum + inFlight, 0);
  }

  /** The error of the first thread that broke. */
  get broken(): RunError | undefined {
    return this.#broken;
  }

  /** Ends all threads and returns their outcomes. A thread that broke may have none, but its recording is there. */
  async finish(): Promise<readonly ThreadEnd[]> {
    this.#command({ command: "finish" });
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, FINISH_MS);
    const hasEnded = ({ outcome, hasExited }: PoolThread) => outcome || hasExited;
    while (!isLate && !this.#threads.every(hasEnded)) await this.#nextReport();
    clearTimeout(deadline);
    return this.#threads.map(({ assignment, recording, outcome }) => ({ assignment, recording, outcome }));
  }

  /** Ends all threads at once. */
  async terminate(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(assignment: Assignment, { scenario, reach, driver, run }: RunOptions): PoolThread {
    const memory = new SharedArrayBuffer(RECORDING_BYTES);
    const task: ThreadTask = {
      scenario,
      assignment,
      reach,
      driver: driver ?? DEFAULT_DRIVER,
      run,
      window: windowOf(scenario),
      recording: memory,
    };
    const thread: PoolThread = {
      worker: startWorker("load", task),
      assignment,
      recording: new Recording(memory),
      inFlight: undefined,
      outcome: undefined,
      hasExited: false,
    };
    thread.worker.on("message", (report: ThreadReport) => this.#read(thread, report));
    thread.worker.on("error", (error: Error) => this.#break(new RunError("internal", error.message)));
    thread.worker.on("exit", () => {
      thread.hasExited = true;
      if (!thread.outcome) this.#break(new RunError("internal", "a worker thread ended unexpectedly"));
    });
    return thread;
  }

  #read(thread: PoolThread, report: ThreadReport): void {
    switch (report.report) {
      case "ready":
        this.#ready++;
        this.#driver = report.client;
        this.#servers.push(...report.servers);
        break;
      case "sent":
      case "draining":
        thread.inFlight = report.inFlight;
        break;
      case "event":
        this.#onEvent({ second: report.at / SECOND, kind: report.kind, what: report.what });
        break;
      case "finished":
        thread.outcome = report.outcome;
        break;
      case "broken":
        this.#break(new RunError(report.type, report.sentence));
    }
    this.#wake();
  }

  #break(error: RunError): void {
    this.#broken ??= error;
    this.#wake();
  }

  #command(command: ThreadCommand): void {
    for (const { worker } of this.#threads) worker.postMessage(command);
  }

  /** Resolves with the next report of any thread. Only one caller waits at a time. */
  #nextReport(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
