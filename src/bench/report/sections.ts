/**
 * What a report says, in the order in which it says it: the verdict first. Text, Markdown and
 * HTML are three ways to write the same sections down.
 */

import { bytes, count, duration, seconds, share } from "../../text/quantity.ts";
import type { Table } from "../../text/table.ts";
import { visible } from "../../text/visible.ts";
import { STAGE_NAMES, STAGES } from "../measure/stage.ts";
import { type Figures, STATISTICS, type StageFigures, unitOf } from "../result/figures.ts";
import type { Account, Result, RunEvent, ScenarioResult } from "../result/schema.ts";
import type { Judgement } from "../result/threshold.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Stage } from "../scenario/schedule.ts";
import { deliveryOf, workloadOf } from "../workloads/workloads.ts";

/** A part of a report: a title, sentences, and perhaps a table. */
export interface Section {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly table?: Table;
}

/** A scenario, the figures that were computed of it, and what thresholds came to. */
export interface Shown {
  readonly result: ScenarioResult;
  readonly figures: Figures;
  readonly judgements: readonly Judgement[];
}

/** Of one scenario: a run that lost its server a thousand times is not told a thousand times. */
const EVENTS_SHOWN = 50;

/** All sections of one scenario. Every text in them can be shown: on one line, nothing invisible in it. */
export function sectionsOf({ result, figures, judgements }: Shown): readonly Section[] {
  const latency = latencies(result, figures);
  return [
    verdict(result),
    ...(judgements.length > 0 ? [thresholds(judgements)] : []),
    throughput(result, figures),
    ...(latency ? [latency] : []),
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

/** A server without a name calls itself by its id. */
const MADE_UP = /^N[A-Z2-7]{55}$/;

/** One line about where it ran. */
export function environmentLine({ environment }: Result): string {
  const { host, runtime, servers } = environment;
  const names = servers.map(
    ({ version, name, local }) =>
      `nats-server ${version}${name && !MADE_UP.test(name) ? ` (${name})` : ""}${local ? ", on this host" : ""}`,
  );
  const parts = [
    `${host.processor.trim()}, ${host.processors} processor${host.processors === 1 ? "" : "s"}`,
    `Node.js ${runtime.node}`,
    ...new Set(names),
  ];
  return visible(parts.join("; "));
}

/** What was done, in one line. */
export function titleOf(scenario: Scenario): string {
  const { name, workload, clients, receivers, payload } = scenario;
  const size = payload.file
    ? `${bytes(payload.file.size)} of ${payload.file.path}`
    : payload.size.kind === "fixed"
      ? bytes(payload.size.bytes)
      : `${payload.size.kind} sizes`;
  const both = `${clients} client${clients === 1 ? "" : "s"}${receivers > 0 ? `, ${receivers} receiving` : ""}`;
  const what = name === workload ? workload : `${name}: ${workload}`;
  // Who only receives has no load of its own, and takes what comes.
  const sent = workloadOf(workload).sends ? [size, ...loadOf(scenario)] : [];
  const { warmupSeconds } = scenario;
  const warmup = warmupSeconds > 0 ? [`the first ${seconds(warmupSeconds)} to warm up`] : [];
  return visible([what, both, ...sent, ...amountOf(scenario), ...warmup].join(", "));
}

/** What a load's stages do not say. */
function amountOf(scenario: Scenario): readonly string[] {
  const { amount, clients, load, warmupSeconds, workload } = scenario;
  const isEach = !workloadOf(workload).sends && clients > 1 && deliveryOf(scenario) === "everyone";
  const { messages, seconds: length } = amount;
  return [
    ...(messages === undefined ? [] : [`${count(messages)} messages${isEach ? " each" : ""}`]),
    ...(length === undefined || load.kind === "open" ? [] : [`for ${seconds(warmupSeconds + length)}`]),
  ];
}

function loadOf({ load, amount }: Scenario): readonly string[] {
  if (load.kind === "closed") return [`closed loop, ${count(load.inFlight)} in flight a client`];
  const [first] = load.stages;
  // The schedule of so many messages is longer than they take.
  if (amount.seconds === undefined && first) return [`open loop (${load.arrival}), ${count(first.from)}/s`];
  const stages = withoutSeams(load.stages).map(({ from, to, seconds: length }) =>
    from === to
      ? `${count(from)}/s for ${seconds(length)}`
      : `${count(from)} to ${count(to)}/s in ${seconds(length)}`,
  );
  return [`open loop (${load.arrival}), ${stages.join(", then ")}`];
}

/** A rate that goes on is said once. */
function withoutSeams(stages: readonly Stage[]): readonly Stage[] {
  const merged: Stage[] = [];
  for (const stage of stages) {
    const last = merged.at(-1);
    const goesOn = last && last.from === last.to && stage.from === stage.to && last.to === stage.from;
    if (goesOn) merged.pop();
    merged.push(goesOn ? { ...last, seconds: last.seconds + stage.seconds } : stage);
  }
  return merged;
}

function verdict({ verdict: { verdict: word, reasons } }: ScenarioResult): Section {
  const sentence = {
    valid: "VALID: nothing was found that speaks against these figures.",
    suspect: "SUSPECT: the figures may be off.",
    invalid: "INVALID: the figures do not say what was asked.",
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

/** A figure in its own unit. */
export function inItsUnit(name: string, value: number | undefined): string {
  if (value === undefined) return "not measured";
  const unit = unitOf(name);
  if (unit === "nanoseconds") return duration(value);
  if (unit === "bytesPerSecond") return `${bytes(value)}/s`;
  return unit === "perSecond" ? `${count(value)}/s` : count(value);
}

function throughput({ scenario, window }: ScenarioResult, { rate, bytesRate, offered }: Figures): Section {
  const measured = window.until - window.from;
  return {
    title: "Throughput",
    sentences: [
      `${count(rate)} operations/s, ${bytes(bytesRate)}/s, over ${seconds(measured)}` +
        (offered === undefined
          ? "."
          : `; offered were ${count(offered)}/s${offered > 0 ? ` (${share(rate / offered)} achieved)` : ""}.`),
      ...(isClosedLoop(scenario) ? [closedLoop(scenario)] : []),
    ],
  };
}

function closedLoop({ workload }: Scenario): string {
  return workloadOf(workload).receives
    ? "Closed loop: publishers wait for the server and not for receivers; there is no response time to speak of."
    : "Closed loop: what is slow slows the load down, so there is no response time to speak of.";
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
      ...(closed ? ["In a closed loop the intended time is the time it was sent."] : []),
      ...(carrier === "header"
        ? ["Times travelled in a header, which makes messages larger and slower."]
        : []),
      ...(rows.some((row) => row.includes("-"))
        ? ["Percentiles shown as - have too few samples to be told."]
        : []),
    ],
    table: { head: ["", "samples", ...COLUMNS], rows },
  };
}

function accounting(account: Account): Section {
  const { sent, completed, failed, dropped, lost, lostAfterAck, unanswered, crossCheck } = account;
  const failures = Object.values(failed).reduce((sum, one) => sum + one, 0);
  const types = Object.entries(failed).map(([type, number]) => `${type} ${count(number)}`);
  const rows: [string, number][] = [
    ["sent", sent],
    ["completed", completed],
    ["failed", failures],
    ["dropped by the client", dropped],
    ["lost", lost],
    ["unanswered", unanswered],
  ];
  const others: [string, number][] = [
    ["lost after ack", lostAfterAck],
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
        ({ what, expected, found }) =>
          `${what}: ${count(found)}${found === expected ? ", as expected" : `, where ${count(expected)} were expected`}.`,
      ),
    ],
    table: {
      head: ["", ...rows.map(([what]) => what)],
      rows: [["messages", ...rows.map(([, number]) => count(number))]],
    },
  };
}

function events({ events: all }: ScenarioResult): Section {
  return {
    title: "Events",
    sentences: [
      ...all.slice(0, EVENTS_SHOWN).map(eventOf),
      ...(all.length > EVENTS_SHOWN ? [`${count(all.length - EVENTS_SHOWN)} more are in the result.`] : []),
    ],
  };
}

/** Notes are written to stand after a colon, too. */
function sentence(note: string): string {
  return `${note.slice(0, 1).toUpperCase()}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`;
}

/** Numbered, as it is on charts. */
function eventOf({ second, what, times, recovery }: RunEvent, index: number): string {
  const first = recovery?.firstSuccess;
  const latency = recovery?.latency;
  const recovered = [
    ...(first === undefined ? [] : [`first success after ${seconds(first)}`]),
    ...(latency === undefined ? [] : [`latency as before after ${seconds(latency)}`]),
  ];
  const often = times === undefined ? "" : ` (${count(times)} times)`;
  return `${index + 1}: after ${seconds(second)}, ${what}${often}${recovered.length > 0 ? ` (${recovered.join(", ")})` : ""}`;
}
