/** The sections of a report, verdict first. Text, Markdown and HTML are three renderings of the same sections. */

import { bytes, count, counted, duration, durationRange, seconds, share } from "../../text/quantity.ts";
import type { Table } from "../../text/table.ts";
import { visible } from "../../text/visible.ts";
import { PERCENTILE_NAMES } from "../measure/hdr.ts";
import { STAGE_NAMES, STAGES } from "../measure/stage.ts";
import { intervalsOf } from "../result/confidence.ts";
import { type Figures, failuresOf, STATISTICS, type StageFigures, unitOf } from "../result/figures.ts";
import type { Account, Result, RunEvent, ScenarioResult } from "../result/schema.ts";
import type { Judgement } from "../result/threshold.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";

/** A part of a report. */
export interface Section {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly table?: Table;
}

/** A scenario with its figures, and its thresholds. */
export interface Shown {
  readonly result: ScenarioResult;
  readonly figures: Figures;
  readonly judgements: readonly Judgement[];
}

/** Maximum number of events in a report; the result file has all of them. */
const MAX_EVENTS = 50;

/** All sections of one scenario. Their texts are safe for a terminal: see `visible`. */
export function sectionsOf({ result, figures, judgements }: Shown): readonly Section[] {
  const latency = latencies(result, figures);
  return [
    verdict(result),
    ...(judgements.length > 0 ? [thresholds(judgements)] : []),
    throughput(result, figures),
    ...(latency ? [latency] : []),
    ...confidence(result, figures),
    accounting(result.account),
    ...(result.events.length > 0 ? [events(result)] : []),
    ...(result.notes ? [{ title: "Notes", sentences: result.notes.map(sentence) }] : []),
  ].map(visibleSection);
}

function visibleSection({ title, sentences, table }: Section): Section {
  return {
    title,
    sentences: sentences.map(visible),
    ...(table && {
      table: { head: table.head.map(visible), rows: table.rows.map((row) => row.map(visible)) },
    }),
  };
}

/** The name of a server without a configured name is its id. */
const SERVER_ID = /^N[A-Z2-7]{55}$/;

/** Host, runtime and servers of the benchmark in one line. */
export function environmentLine({ environment }: Result): string {
  const { host, runtime, servers } = environment;
  const names = servers.map(
    ({ version, name, local }) =>
      `nats-server ${version}${name && !SERVER_ID.test(name) ? ` (${name})` : ""}${local ? ", on this host" : ""}`,
  );
  const parts = [
    `${host.processor.trim()}, ${counted(host.processors, "processor")}`,
    `Node.js ${runtime.node}`,
    ...new Set(names),
  ];
  return visible(parts.join("; "));
}

/** The scenario in one line. */
export function titleOf(scenario: Scenario): string {
  const { name, workload, clients, receivers, payload } = scenario;
  const size = payload.file
    ? `${bytes(payload.file.size)} of ${payload.file.path}`
    : payload.size.kind === "fixed"
      ? bytes(payload.size.bytes)
      : `${payload.size.kind} sizes`;
  const both = `${counted(clients, "client")}${receivers > 0 ? `, ${counted(receivers, "receiver")}` : ""}`;
  const what = name === workload ? workload : `${name}: ${workload}`;
  // Receivers alone have no load of their own.
  const sent = workloadOf(workload).sends ? [size, ...loadOf(scenario)] : [];
  const { warmupSeconds } = scenario;
  const warmup = warmupSeconds > 0 ? [`including ${seconds(warmupSeconds)} of warm-up`] : [];
  return visible([what, both, ...sent, ...amountOf(scenario), ...warmup].join(", "));
}

/** The amount, unless the stages of the load show it. */
function amountOf(scenario: Scenario): readonly string[] {
  const { amount, clients, load, warmupSeconds, workload } = scenario;
  const isEach = !workloadOf(workload).sends && clients > 1 && deliveryOf(scenario) === "everyone";
  const { messages, seconds: length } = amount;
  return [
    ...(messages === undefined ? [] : [`${count(messages)} messages${isEach ? " per client" : ""}`]),
    ...(length === undefined || load.kind === "open" ? [] : [`for ${seconds(warmupSeconds + length)}`]),
  ];
}

function loadOf({ load, amount }: Scenario): readonly string[] {
  if (load.kind === "closed") return [`closed loop, ${count(load.inFlight)} in flight per client`];
  const [first] = load.stages;
  // If the number of messages ends the run, the schedule is longer than the run.
  if (amount.seconds === undefined && first) return [`open loop (${load.arrival}), ${count(first.from)}/s`];
  const stages = merged(load.stages).map(({ from, to, seconds: length }) =>
    from === to
      ? `${count(from)}/s for ${seconds(length)}`
      : `${count(from)} to ${count(to)}/s within ${seconds(length)}`,
  );
  return [`open loop (${load.arrival}), ${stages.join(", then ")}`];
}

/** Neighbouring stages of the same constant rate are one stage. */
function merged(stages: readonly Stage[]): readonly Stage[] {
  const all: Stage[] = [];
  for (const stage of stages) {
    const last = all.at(-1);
    const continues = last && last.from === last.to && stage.from === stage.to && last.to === stage.from;
    if (continues) all.pop();
    all.push(continues ? { ...last, seconds: last.seconds + stage.seconds } : stage);
  }
  return all;
}

function verdict({ verdict: { verdict: word, reasons } }: ScenarioResult): Section {
  const sentence = {
    valid: "VALID: no problem was found with these numbers.",
    suspect: "SUSPECT: use these numbers with care.",
    invalid: "INVALID: these numbers do not measure what was asked for.",
  }[word];
  return { title: "Verdict", sentences: [sentence, ...reasons.map((reason) => reason.sentence)] };
}

function thresholds(judgements: readonly Judgement[]): Section {
  const failed = judgements.filter(({ isMet }) => !isMet).length;
  return {
    title: "Thresholds",
    sentences: [
      failed === 0 ? "All thresholds are met." : `NOT MET: ${failed} of ${judgements.length} thresholds.`,
    ],
    table: {
      head: ["threshold", "found", ""],
      rows: judgements.map(({ threshold, value, isMet }) => [
        threshold.text,
        inItsUnit(threshold.figure, value),
        isMet ? "met" : "NOT MET",
      ]),
    },
  };
}

/** The value of a figure with its unit. */
export function inItsUnit(name: string, value: number | undefined): string {
  if (value === undefined) return "not measured";
  const unit = unitOf(name);
  if (unit === "nanoseconds") return duration(value);
  if (unit === "bytesPerSecond") return `${bytes(value)}/s`;
  return unit === "perSecond" ? `${count(value)}/s` : count(value);
}

function throughput({ scenario, window }: ScenarioResult, { rate, bytesRate, offered }: Figures): Section {
  const achieved = `Achieved ${count(rate)} operations/s (${bytes(bytesRate)}/s)`;
  const length = seconds(window.until - window.from);
  const part = offered ? ` (${share(rate / offered)})` : "";
  return {
    title: "Throughput",
    sentences: [
      offered === undefined
        ? `${achieved} over ${length}.`
        : `${achieved} of ${count(offered)}/s offered${part}, over ${length}.`,
      ...(isClosedLoop(scenario) ? [closedLoop(scenario)] : []),
    ],
  };
}

function closedLoop({ workload }: Scenario): string {
  return workloadOf(workload).receives
    ? "Closed loop: publishers wait for the server, not for the receivers, so there is no response time."
    : "Closed loop: a slow answer delays the next operation, so there is no response time.";
}

function isClosedLoop({ load, workload }: Scenario): boolean {
  return load.kind === "closed" && workloadOf(workload).sends;
}

const COLUMNS = STATISTICS.filter((statistic) => statistic !== "min");

function latencies({ scenario, carrier }: ScenarioResult, { stages }: Figures): Section | undefined {
  const rows = STAGE_NAMES.flatMap((name) => {
    const stage: StageFigures | undefined = stages[name];
    return stage ? [[name, count(stage.count), ...COLUMNS.map((column) => duration(stage[column]))]] : [];
  });
  if (rows.length === 0) return undefined;
  const closed = isClosedLoop(scenario);
  return {
    title: "Latency",
    sentences: [
      ...rows.map(([name]) => `${name}: ${STAGES[name as keyof typeof STAGES].help}`),
      ...(closed ? ["In a closed loop the intended time is the time of sending."] : []),
      ...(carrier === "header"
        ? ["Stamps were sent in a header, which makes messages larger and slower."]
        : []),
      ...(rows.some((row) => row.includes("-")) ? ["Percentiles shown as - have too few samples."] : []),
    ],
    table: { head: ["", "samples", ...COLUMNS], rows },
  };
}

function confidence(result: ScenarioResult, figures: Figures): readonly Section[] {
  const intervals = Object.entries(intervalsOf(result, figures));
  if (intervals.length === 0) return [];
  const columns = PERCENTILE_NAMES.filter((name) => intervals.some(([, one]) => one[name]));
  return [
    {
      title: "Confidence",
      sentences: [
        "95 % confidence intervals of the percentiles, by how the seconds of this run differ (block bootstrap). Other runs may differ by more.",
      ],
      table: {
        head: ["", ...columns],
        rows: intervals.map(([stage, one]) => [
          stage,
          ...columns.map((name) => durationRange(one[name]?.from, one[name]?.until)),
        ]),
      },
    },
  ];
}

function accounting(account: Account): Section {
  const { sent, completed, failed, dropped, lost, lostAfterAck, unanswered, crossCheck } = account;
  const types = Object.entries(failed).map(([type, number]) => `${type} ${count(number)}`);
  const classes: [string, number][] = [
    ["sent", sent],
    ["completed", completed],
    ["failed", failuresOf(account)],
    ["dropped by the client", dropped],
    ["lost", lost],
    ["unanswered", unanswered],
  ];
  const others: [string, number][] = [
    ["lost after their acknowledgement", lostAfterAck],
    ["duplicates", account.duplicates],
    ["redelivered", account.redelivered],
    ["out of order", account.outOfOrder],
  ];
  return {
    title: "Accounting",
    sentences: [
      ...(types.length > 0 ? [`Failed: ${types.join(", ")}.`] : []),
      ...others.filter(([, number]) => number > 0).map(([what, number]) => `${count(number)} ${what}.`),
      ...crossCheck.map(
        ({ what, expected, found }) => `${what}: ${count(found)} (expected ${count(expected)})`,
      ),
    ],
    table: {
      head: ["", ...classes.map(([what]) => what)],
      rows: [["messages", ...classes.map(([, number]) => count(number))]],
    },
  };
}

function events({ events: all }: ScenarioResult): Section {
  return {
    title: "Events",
    sentences: [
      ...all.slice(0, MAX_EVENTS).map(eventOf),
      ...(all.length > MAX_EVENTS ? [`${count(all.length - MAX_EVENTS)} more are in the result file.`] : []),
    ],
  };
}

/** A note as a sentence; a note may also be written to follow a colon. */
function sentence(note: string): string {
  return `${note.slice(0, 1).toUpperCase()}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`;
}

/** An event with the number that marks it in charts. */
function eventOf({ second, what, times, recovery }: RunEvent, index: number): string {
  const first = recovery?.firstSuccess;
  const latency = recovery?.latency;
  const recovered = [
    ...(first === undefined ? [] : [`first success after ${seconds(first)}`]),
    ...(latency === undefined ? [] : [`latency back to normal after ${seconds(latency)}`]),
  ];
  const often = times === undefined ? "" : ` (${count(times)} times)`;
  return `${index + 1}: at ${seconds(second)}, ${what}${often}${recovered.length > 0 ? ` (${recovered.join(", ")})` : ""}`;
}
