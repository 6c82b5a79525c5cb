/**
 * A worker thread of a run: opens its clients, waits for the command to begin, lets the loop drive its senders, and
 * reports what became of their operations. It neither prints nor decides: how long a run lasts and whether its result
 * is valid is up to the main thread.
 */
import { type Clock, clockSince, MILLISECOND } from "../../time/clock.ts";
import { type Driver, type Link, LinkError } from "../driver/driver.ts";
import { Recorder, Recording } from "../measure/recorder.ts";
import { scheduleOf, shareOf } from "../scenario/schedule.ts";
import type { Client, OpenClient } from "./client.ts";
import { FailureLog } from "./failure-log.ts";
import { LoadMeter } from "./load-meter.ts";
import { drive } from "./loop.ts";
import type { ThreadCommand, ThreadLoad, ThreadOutcome, ThreadReport, ThreadTask } from "./protocol.ts";
import type { Sender } from "./sender.ts";

/** The channel to the main thread. */
export interface MainThread {
  report(report: ThreadReport): void;
  /** All commands, in the order in which they were sent. */
  commands(): AsyncIterable<ThreadCommand>;
}

/** Runs a thread until the command to finish. Rejects with the error that broke it. */
export async function runThread(task: ThreadTask, driver: Driver, open: OpenClient, main: MainThread) {
  const recorder = new Recorder(new Recording(task.recording), task.window);
  const clock = new LateClock();
  const failures = new FailureLog((what) =>
    main.report({ report: "event", kind: "failed", what, at: clock.now() }),
  );
  const context: ThreadContext = { task, main, clock, recorder, failures };
  const clients = await openClients(context, driver, open);
  main.report({ report: "ready", client: driver.client, servers: clients.map(({ link }) => link.server) });
  const load = await obey(context, clients);
  await Promise.all(clients.map(({ client }) => client.settled?.()));
  const outcome: ThreadOutcome = {
    assignment: task.assignment,
    senders: clients.flatMap(({ client }) => (client.sender ? [client.sender.account()] : [])),
    receivers: clients.flatMap(({ client }) => (client.receiver ? [client.receiver.account()] : [])),
    notes: [...clients.flatMap(({ client }) => client.notes?.() ?? []), ...failures.notes],
    repetitions: failures.repetitions,
    ...load,
  };
  await Promise.allSettled(clients.map(({ client, link }) => client.close().finally(() => link.close())));
  main.report({ report: "finished", outcome });
}

/** Shared by the clients of a thread. */
interface ThreadContext {
  readonly task: ThreadTask;
  readonly main: MainThread;
  readonly clock: LateClock;
  readonly recorder: Recorder;
  readonly failures: FailureLog;
}

interface OpenedClient {
  readonly link: Link;
  readonly client: Client;
  readonly number: number;
}

/** Executes commands until `finish`. Returns how busy the thread was. */
async function obey(context: ThreadContext, clients: readonly OpenedClient[]): Promise<ThreadLoad> {
  const { task, main, clock } = context;
  const stop = new AbortController();
  let meter: LoadMeter | undefined;
  let load: ThreadLoad | undefined;
  for await (const received of main.commands()) {
    if (received.command === "begin") {
      clock.begin(received.zero);
      for (const { client } of clients) client.begin?.();
      const started = new LoadMeter();
      const untilWindow = Math.max(0, task.window.from - clock.now()) / MILLISECOND;
      setTimeout(() => started.reset(), untilWindow).unref();
      void sendAll(context, clients, started, stop.signal);
      meter = started;
    } else if (received.command === "stop") {
      stop.abort();
      load ??= meter?.end();
    } else break;
  }
  stop.abort();
  return load ?? (meter ?? new LoadMeter()).end();
}

async function openClients(
  context: ThreadContext,
  driver: Driver,
  open: OpenClient,
): Promise<readonly OpenedClient[]> {
  const denials: string[] = [];
  let isReady = false;
  const onFailure = (who: string, sentence: string) => {
    if (!isReady && /permissions violation/i.test(sentence)) denials.push(`${who}: ${sentence}`);
  };
  const opened: OpenedClient[] = [];
  for (const number of context.task.assignment.clients) {
    opened.push(await openOne(context, driver, open, { number, onFailure }));
  }
  // The server has processed every subscription when it answers the flush.
  await Promise.all(opened.map(({ link }) => link.flush()));
  // It reports a denied subscription before that. Such a client would wait for messages in vain.
  const [denial] = denials;
  if (denial !== undefined) throw new LinkError("permissions_violation", denial);
  isReady = true;
  return opened;
}

async function openOne(
  { task, main, clock, recorder, failures }: ThreadContext,
  driver: Driver,
  open: OpenClient,
  { number, onFailure }: { number: number; onFailure: (who: string, sentence: string) => void },
): Promise<OpenedClient> {
  const who = `${task.assignment.role} ${number}`;
  const report = (kind: "lost" | "regained", what: string) =>
    main.report({ report: "event", kind, what, at: clock.now() });
  const reportFailure = (sentence: string) => {
    onFailure(who, sentence);
    recorder.count("errors");
    failures.add(sentence);
  };
  let sender: Sender | undefined;
  const link = await driver.connect(task.reach, {
    lost: () => report("lost", `${who} lost its connection`),
    discarded: () => sender?.discarded?.(),
    regained: () => {
      sender?.regained?.();
      report("regained", `${who} is connected again`);
    },
    failed: (sentence) => {
      sender?.failed?.(sentence);
      reportFailure(sentence);
    },
    ended: (sentence) =>
      main.report({ report: "broken", sentence: `${who}: ${sentence}`, type: "connection_closed" }),
  });
  const client = await open({ task, link, number, clock, recorder, reportFailure });
  sender = client.sender;
  return { link, client, number };
}

async function sendAll(
  { task: { scenario, window }, main, clock, recorder }: ThreadContext,
  clients: readonly OpenedClient[],
  meter: LoadMeter,
  signal: AbortSignal,
): Promise<void> {
  const { load, amount, seed } = scenario;
  const schedule = load.kind === "open" ? scheduleOf(load.stages, load.arrival, seed) : undefined;
  const shares = clients.flatMap(({ client: { sender }, number }) =>
    sender === undefined
      ? []
      : {
          sender,
          schedule: schedule && shareOf(schedule, number, scenario.clients),
          total: shareOfMessages(number, scenario.clients, amount.messages),
        },
  );
  if (shares.length === 0) return;
  try {
    await drive(shares, {
      clock,
      recorder,
      until: window.until,
      maxInFlight: load.kind === "open" ? load.maxInFlight : load.inFlight,
      signal,
      idled: (time) => meter.idled(time),
    });
    await drain(
      shares.map(({ sender }) => sender),
      main,
    );
  } catch (error) {
    main.report({ report: "broken", sentence: (error as Error).message, type: "internal" });
  }
}

/** Messages of one client: if they cannot be divided evenly, the first clients send one more. */
function shareOfMessages(client: number, clients: number, messages: number | undefined): number {
  if (messages === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(messages / clients) + (client < messages % clients ? 1 : 0);
}

const DRAIN_POLL_MS = 20;

/** Reports the number of outstanding operations until it is 0. The main thread decides how long to wait. */
async function drain(senders: readonly Sender[], main: MainThread): Promise<void> {
  const inFlight = () => senders.reduce((sum, sender) => sum + sender.inFlight, 0);
  let last = inFlight();
  main.report({ report: "sent", inFlight: last });
  while (last > 0) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS).unref());
    const now = inFlight();
    if (now !== last) main.report({ report: "draining", inFlight: now });
    last = now;
  }
}

/** A clock whose zero is set later: before it, connections are opened and messages may arrive. */
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
