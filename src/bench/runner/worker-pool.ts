/**
 * The threads of a run, from the main thread's side: makes them, waits until all are ready, gives orders, hears
 * reports. It knows nothing of what they do.
 */
import type { Worker } from "node:worker_threads";
import { startWorker } from "../../threads/workers.ts";
import { zeroNow } from "../../time/clock.ts";
import type { Reach, ServerFacts } from "../driver/driver.ts";
import { RECORDING_BYTES, Recording } from "../measure/recorder.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { windowOf } from "../scenario/window.ts";
import type { Assignment, Order, Report, ThreadOutcome, ThreadTask } from "../worker/protocol.ts";
import { RunError } from "../worker/run-error.ts";
import { LEAD_NANOS } from "../worker/thread.ts";

/** A thread at its end. */
export interface ThreadEnd {
  readonly assignment: Assignment;
  readonly recording: Recording;
  /** Undefined: it broke. */
  readonly outcome: ThreadOutcome | undefined;
}

/** The longest wait for what threads have to say: they close their connections, and one may hang. */
const FINISH_MS = 10_000;

/** Told what happens by itself during a run. */
export type LinkListener = (event: Extract<Report, { report: "link" }>) => void;

/** All threads of one scenario. */
export class Crew {
  /** One for each thread. */
  readonly recordings: readonly Recording[];
  readonly #workers: readonly Worker[];
  readonly #assignments: readonly Assignment[];
  readonly #inFlight: (number | undefined)[];
  readonly #outcomes: (ThreadOutcome | undefined)[];
  readonly #hasExited: boolean[];
  readonly #servers: ServerFacts[] = [];
  readonly #onLink: LinkListener;
  #driver = "";
  #ready = 0;
  #broken: RunError | undefined;
  #wake = () => {};

  constructor(
    scenario: Scenario,
    assignments: readonly Assignment[],
    reach: Reach,
    run: number,
    onLink: LinkListener,
  ) {
    this.#assignments = assignments;
    this.#onLink = onLink;
    const memories = assignments.map(() => new SharedArrayBuffer(RECORDING_BYTES));
    this.recordings = memories.map((memory) => new Recording(memory));
    this.#inFlight = assignments.map(() => undefined);
    this.#outcomes = assignments.map(() => undefined);
    this.#hasExited = assignments.map(() => false);
    this.#workers = assignments.map((assignment, thread) =>
      this.#start(thread, {
        scenario,
        assignment,
        reach,
        run,
        window: windowOf(scenario),
        recording: memories[thread] as SharedArrayBuffer,
      }),
    );
  }

  /** The servers that the connections are to, one for each. */
  get servers(): readonly ServerFacts[] {
    return this.#servers;
  }

  get driver(): string {
    return this.#driver;
  }

  /** Resolves when all threads are connected; rejects with a `RunError` if one cannot. */
  async ready(): Promise<void> {
    await this.#until(() => this.#ready === this.#workers.length);
  }

  /** @returns the run's zero, a moment from now */
  begin(): bigint {
    const zero = zeroNow() + BigInt(LEAD_NANOS);
    this.#order({ order: "begin", zero });
    return zero;
  }

  /** Send no more. */
  stop(): void {
    this.#order({ order: "stop" });
  }

  /** Whether every sender has sent everything. */
  get haveSent(): boolean {
    return this.#assignments.every(
      ({ role }, thread) => role !== "sender" || this.#inFlight[thread] !== undefined,
    );
  }

  /** Operations that are out, of the senders that have sent everything. */
  get inFlight(): number {
    return this.#inFlight.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  }

  /** Why it cannot go on, if it cannot. */
  get broken(): RunError | undefined {
    return this.#broken;
  }

  /**
   * Ends all threads; resolves with what they have to say. One that is broken may have nothing to say any more;
   * what it recorded is there nevertheless.
   */
  async finish(): Promise<readonly ThreadEnd[]> {
    this.#order({ order: "finish" });
    let isLate = false;
    const impatience = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, FINISH_MS);
    const isOver = (_: unknown, thread: number) => this.#outcomes[thread] || this.#hasExited[thread];
    while (!isLate && !this.#workers.every(isOver)) await this.#news();
    clearTimeout(impatience);
    return this.#assignments.map((assignment, thread) => ({
      assignment,
      recording: this.recordings[thread] as Recording,
      outcome: this.#outcomes[thread],
    }));
  }

  /** Ends all threads at once. */
  async abandon(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(thread: number, task: ThreadTask): Worker {
    const worker = startWorker("load", task);
    worker.on("message", (report: Report) => this.#hear(thread, report));
    worker.on("error", (error: Error) => this.#break(new RunError("internal", error.message)));
    worker.on("exit", () => {
      this.#hasExited[thread] = true;
      if (!this.#outcomes[thread]) this.#break(new RunError("internal", "a thread ended by itself"));
    });
    return worker;
  }

  #hear(thread: number, report: Report): void {
    switch (report.report) {
      case "ready":
        this.#ready++;
        this.#driver = report.driver;
        this.#servers.push(...report.servers);
        break;
      case "sent":
      case "draining":
        this.#inFlight[thread] = report.inFlight;
        break;
      case "link":
        this.#onLink(report);
        break;
      case "finished":
        this.#outcomes[thread] = report.outcome;
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

  #order(order: Order): void {
    for (const worker of this.#workers) worker.postMessage(order);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#broken) throw this.#broken;
      await this.#news();
    }
  }

  /** Resolves when a thread says something. There is one who waits at a time. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
