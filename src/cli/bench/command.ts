/**
 * `natscope bench`: reads what is asked, runs it, and reports. The report is on standard output, everything else on
 * standard error. ^C ends a run early, and what there is by then is reported; a second one ends the process.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { readBenchArguments } from "../../bench/options/bench-arguments.ts";
import { type GatheredBenchmark, gatherBenchmark } from "../../bench/options/gather-benchmark.ts";
import { gatherOnlookers } from "../../bench/progress/onlookers.ts";
import type { Screen } from "../../bench/progress/progress.ts";
import { render, shownOf } from "../../bench/report/formats.ts";
import type { Result } from "../../bench/result/schema.ts";
import { type Benchmark, runBenchmark } from "../../bench/runner/benchmark.ts";
import { fileProblem } from "../../input/file-problem.ts";
import type { Scene } from "../../nats/connect/files.ts";
import { DONE, FAILED, WRONG_INPUT } from "../exit-codes.ts";
import { giveThreadsRoom } from "../heap.ts";
import { endingOf } from "./ending.ts";

/** The process, as far as the command needs it. */
export interface Terminal {
  print(text: string): Promise<void>;
  /** Each sentence a line on standard error. */
  complain(sentences: readonly string[]): Promise<void>;
  /** Standard error, for who draws on it. */
  readonly screen: Screen;
  /** Resolves with the first signal to stop. */
  readonly stopped: Promise<NodeJS.Signals>;
}

/** @param argv what follows `bench` @returns the exit code */
export async function benchCommand(
  argv: readonly string[],
  version: string,
  environment: Scene["environment"],
  terminal: Terminal,
): Promise<number> {
  const asked = readBenchArguments(argv);
  if (asked.asked === "help") {
    await terminal.print(asked.text);
    return DONE;
  }
  const gathered = await gatherBenchmark(asked, environment);
  if (gathered.problems.length > 0) {
    await terminal.complain(gathered.problems);
    return WRONG_INPUT;
  }
  await terminal.complain(gathered.warnings);
  try {
    return await run(gathered, argv, { version, environment, terminal });
  } catch (error) {
    // What could not begin says why in a sentence; anything else is a mistake of ours.
    if (!isExpected(error)) throw error;
    await terminal.complain([error.message]);
    return FAILED;
  }
}

/** What a run is given besides what was asked for. */
interface Around {
  readonly version: string;
  readonly environment: Scene["environment"];
  readonly terminal: Terminal;
}

async function run(gathered: GatheredBenchmark, argv: readonly string[], around: Around): Promise<number> {
  const { values, outputs } = gathered;
  const { terminal } = around;
  const benchmark = await runWatched(gathered, argv, around);
  const { result } = benchmark;
  const thresholds = values.threshold ?? [];
  await terminal.print(render(result, outputs.printed, thresholds));
  const unwritten = writeFiles(gathered, result);
  const { code, complaints } = endingOf(benchmark, shownOf(result, thresholds));
  await terminal.complain([...complaints, ...unwritten]);
  return unwritten.length > 0 ? FAILED : code;
}

/** With those who look on, who are gone when it is over, however it ends. */
async function runWatched(
  gathered: GatheredBenchmark,
  argv: readonly string[],
  { version, environment, terminal }: Around,
): Promise<Benchmark> {
  const { scenarios, order, reach, values } = gathered;
  giveThreadsRoom();
  const stop = new AbortController();
  void terminal.stopped.then((signal) => stop.abort(new Error(`it was stopped by ${signal}`)));
  const onlookers = await gatherOnlookers(gathered, terminal.screen, environment, (sentence) => {
    void terminal.complain([sentence]);
  });
  try {
    return await runBenchmark({
      scenarios,
      order,
      reach,
      processors: availableParallelism(),
      events: values.event ?? [],
      monitor: values.monitor,
      calibrate: values.calibrate ?? false,
      command: ["bench", ...argv],
      version,
      signal: stop.signal,
      listener: onlookers.listener,
    });
  } finally {
    await onlookers.leave();
  }
}

/** @returns a sentence for each file that could not be written */
function writeFiles({ outputs, values }: GatheredBenchmark, result: Result): readonly string[] {
  return outputs.files.flatMap(({ path, format }) => {
    try {
      writeFileSync(path, render(result, format, values.threshold));
      return [];
    } catch (error) {
      return [`${path} could not be written: it ${fileProblem(error)}`];
    }
  });
}

const EXPECTED = ["PrepareError", "CrewError", "ListenFailure"];

function isExpected(error: unknown): error is Error {
  return error instanceof Error && EXPECTED.includes(error.name);
}
