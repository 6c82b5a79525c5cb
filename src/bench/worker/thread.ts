/**
 * A thread of a run: opens its clients, waits for the word, lets the loop drive its senders, and accounts. It
 * neither prints nor decides: how long, how much and whether to believe it are the main thread's.
 */
import { PerformanceObserver, performance } from "node:perf_hooks";
import { type Clock, clockSince, MILLISECOND, type Nanos } from "../../time/clock.ts";
import { type Driver, type Link, LinkError } from "../driver/driver.ts";
import { Recorder, Recording } from "../measure/recorder.ts";
import { scheduleOf, shareOf } from "../scenario/schedule.ts";
import type { Client, OpenClient } from "./client.ts";
import { Complaints } from "./complaints.ts";
import { drive } from "./loop.ts";
import type { Order, Report, ThreadOutcome, ThreadTask } from "./protocol.ts";
import type { Sender } from "./sender.ts";

/** How a thread speaks with the main one. */
export interface Wire {
  tell(report: Report): void;
  /** Each order, in order. */
  orders(): AsyncIterable<Order>;
}

/** Runs a thread until it is told to finish. Rejects with what broke it. */
export async function runThread(task: ThreadTask, driver: Driver, openClient: OpenClient, wire: Wire) {
  const recorder = new Recorder(new Recording(task.recording), task.window);
  const clock = new LateClock();
  const complaints = new Complaints((what) =>
    wire.tell({ report: "link", kind: "failed", what, at: clock.now() }),
  );
  const clients = await openClients(task, driver, openClient, { wire, clock, recorder, complaints });
  wire.tell({
    report: "ready",
    driver: driver.client,
    servers: clients.map(({ link }) => link.server),
  });
  const stop = new AbortController();
  let watch: Watch | undefined;
  let watched: ReturnType<Watch["end"]> | undefined;
  for await (const order of wire.orders()) {
    if (order.order === "begin") {
      clock.begin(order.zero);
      for (const { client } of clients) client.begin?.();
      watch = new Watch();
      setTimeout(() => watch?.begin(), Math.max(0, task.window.from - clock.now()) / MILLISECOND).unref();
      void sendAll(task, clients, clock, recorder, stop.signal, wire, watch);
    } else if (order.order === "stop") {
      stop.abort();
      watched ??= watch?.end();
    } else break;
  }
  stop.abort();
  await Promise.all(clients.map(({ client }) => client.settled?.()));
  const outcome: ThreadOutcome = {
    assignment: task.assignment,
    senders: clients.flatMap(({ client }) => (client.sender ? [client.sender.account()] : [])),
    receivers: clients.flatMap(({ client }) => (client.receiver ? [client.receiver.account()] : [])),
    notes: [...clients.flatMap(({ client }) => client.notes?.() ?? []), ...unheardNote(complaints)],
    repetitions: complaints.repetitions,
    ...(watched ?? (watch ?? new Watch()).end()),
  };
  await Promise.allSettled(clients.map(({ client, link }) => client.close().finally(() => link.close())));
  wire.tell({ report: "finished", outcome });
}

function unheardNote({ unheard }: Complaints): readonly string[] {
  return unheard > 0 ? [`${unheard} more complaints, each of another kind, are not among the events`] : [];
}

/** What all clients of a thread have in common. */
interface ThreadSurroundings {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly complaints: Complaints;
}

interface Opened {
  readonly link: Link;
  readonly client: Client;
  readonly number: number;
}

async function openClients(
  task: ThreadTask,
  driver: Driver,
  openClient: OpenClient,
  { wire, clock, recorder, complaints }: ThreadSurroundings,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  const denials: string[] = [];
  let isReady = false;
  for (const number of task.assignment.clients) {
    const tell = (kind: "lost" | "regained", what: string) =>
      wire.tell({ report: "link", kind, what, at: clock.now() });
    const reportFailure = (sentence: string) => {
      const isDenial = !isReady && /permissions violation/i.test(sentence);
      if (isDenial) denials.push(`${task.assignment.role} ${number}: ${sentence}`);
      recorder.count("errors");
      complaints.hear(sentence);
    };
    let sender: Sender | undefined;
    const link = await driver.connect(task.reach, {
      lost: () => tell("lost", `${task.assignment.role} ${number} lost its connection`),
      discarded: () => sender?.discarded?.(),
      regained: () => {
        sender?.regained?.();
        tell("regained", `${task.assignment.role} ${number} is connected again`);
      },
      failed: (sentence) => {
        sender?.complained?.(sentence);
        reportFailure(sentence);
      },
      ended: (sentence) =>
        wire.tell({
          report: "broken",
          sentence: `${task.assignment.role} ${number}: ${sentence}`,
          type: "connection_closed",
        }),
    });
    const client = await openClient({ task, link, number, clock, recorder, reportFailure });
    sender = client.sender;
    opened.push({ link, client, number });
  }
  // The server knows of every subscription once it has answered.
  await Promise.all(opened.map(({ link }) => link.flush()));
  // A subscription that is not allowed is complained of before that; it would wait for nothing.
  const [denial] = denials;
  if (denial !== undefined) throw new LinkError("permissions_violation", denial);
  isReady = true;
  return opened;
}

async function sendAll(
  { scenario, window }: ThreadTask,
  clients: readonly Opened[],
  clock: Clock,
  recorder: Recorder,
  signal: AbortSignal,
  wire: Wire,
  watch: Watch,
): Promise<void> {
  const senders = clients.filter(({ client }) => client.sender !== undefined);
  if (senders.length === 0) return;
  const { load, amount, seed } = scenario;
  const schedule = load.kind === "open" ? scheduleOf(load.stages, load.arrival, seed) : undefined;
  try {
    await drive(
      senders.map(({ client, number }) => ({
        sender: client.sender as Sender,
        schedule: schedule && shareOf(schedule, number, scenario.clients),
        total: shareOfMessages(number, scenario.clients, amount.messages),
      })),
      {
        clock,
        recorder,
        until: window.until,
        maxInFlight: load.kind === "open" ? load.maxInFlight : load.inFlight,
        signal,
        idled: (time) => watch.idled(time),
      },
    );
    await drain(senders, wire);
  } catch (error) {
    wire.tell({ report: "broken", sentence: (error as Error).message, type: "internal" });
  }
}

/** Messages of one client: if they cannot be divided evenly, the first clients send one more. */
function shareOfMessages(client: number, clients: number, messages: number | undefined): number {
  if (messages === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(messages / clients) + (client < messages % clients ? 1 : 0);
}

const DRAIN_POLL_MS = 20;

/** Says how many operations are still out, until there are none; for how long is the main thread's affair. */
async function drain(senders: readonly Opened[], wire: Wire): Promise<void> {
  const out = () => senders.reduce((sum, { client }) => sum + (client.sender?.inFlight ?? 0), 0);
  let last = out();
  wire.tell({ report: "sent", inFlight: last });
  while (last > 0) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS).unref());
    const now = out();
    if (now !== last) wire.tell({ report: "draining", inFlight: now });
    last = now;
  }
}

/** A clock whose zero is told later: connections are opened, and messages may come, before it. */
class LateClock implements Clock {
  #clock: Clock = { now: () => Number.NEGATIVE_INFINITY, zero: Number.NaN };

  begin(zero: bigint): void {
    this.#clock = clockSince(zero);
  }

  now(): number {
    return this.#clock.now();
  }

  get zero(): number {
    return this.#clock.zero;
  }
}

/** What else the thread was busy with, in the window: a warm-up compiles, and a drain waits. */
class Watch {
  #since = performance.now();
  #utilization = performance.eventLoopUtilization();
  readonly #observer: PerformanceObserver;
  #gcMs = 0;
  #longestGcMs = 0;
  #idledMs = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** From now on it counts. */
  begin(): void {
    this.#observer.takeRecords();
    this.#since = performance.now();
    this.#utilization = performance.eventLoopUtilization();
    this.#gcMs = 0;
    this.#longestGcMs = 0;
    this.#idledMs = 0;
  }

  /** The loop turned and had nothing to do. */
  idled(time: Nanos): void {
    this.#idledMs += time / MILLISECOND;
  }

  end(): Omit<ThreadOutcome, "assignment" | "senders" | "receivers" | "notes" | "repetitions"> {
    this.#note(this.#observer.takeRecords());
    this.#observer.disconnect();
    const { active, idle } = performance.eventLoopUtilization(this.#utilization);
    return {
      eventLoopUtilization: active > 0 ? Math.max(0, active - this.#idledMs) / (active + idle) : 0,
      gcMs: this.#gcMs,
      longestGcMs: this.#longestGcMs,
      ranMs: performance.now() - this.#since,
    };
  }

  #note(entries: readonly { readonly duration: number }[]): void {
    for (const { duration } of entries) {
      this.#gcMs += duration;
      this.#longestGcMs = Math.max(this.#longestGcMs, duration);
    }
  }
}

/** Least time between the order to begin and the zero: every thread has to have heard it. */
export const LEAD_NANOS = 100 * MILLISECOND;
