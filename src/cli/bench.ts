/**
 * `natscope bench`: reads its input, runs it, and reports. The report goes to standard output, everything else to
 * standard error. The first ^C ends the run and reports what was measured; the second ends the process.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { readBenchArguments } from "../bench/options/command-line.ts";
import { type GatheredBenchmark, gatherBenchmark } from "../bench/options/gather.ts";
import { startReporters } from "../bench/progress/reporters.ts";
import { render, shownOf } from "../bench/report/formats.ts";
import type { Result } from "../bench/result/schema.ts";
import { type Benchmark, runBenchmark } from "../bench/runner/benchmark.ts";
import { fileProblem } from "../input/file-problem.ts";
import { ExpectedError } from "../text/expected-error.ts";
import { benchEnding } from "./ending.ts";
import { DONE, FAILED, WRONG_INPUT } from "./exit-codes.ts";
import { giveThreadsRoom } from "./heap.ts";
import { firstSignal, TERMINAL } from "./terminal.ts";

/** @param argv arguments after `bench` @returns the exit code */
export async function bench(argv: readonly string[], version: string): Promise<number> {
  const stopped = firstSignal();
  const asked = readBenchArguments(argv);
  if (asked.asked === "help") {
    await TERMINAL.print(asked.text);
    return DONE;
  }
  const gathered = await gatherBenchmark(asked, process.env);
  if (gathered.problems.length > 0) {
    await TERMINAL.printErrors(gathered.problems);
    return WRONG_INPUT;
  }
  await TERMINAL.printErrors(gathered.warnings);
  try {
    const benchmark = await run(gathered, { command: ["bench", ...argv], version, stopped });
    return await report(gathered, benchmark);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    await TERMINAL.printErrors([error.message]);
    return FAILED;
  }
}

interface RunContext {
  readonly command: readonly string[];
  readonly version: string;
  readonly stopped: Promise<NodeJS.Signals>;
}

async function run(
  gathered: GatheredBenchmark,
  { command, version, stopped }: RunContext,
): Promise<Benchmark> {
  const { scenarios, order, reach, values } = gathered;
  giveThreadsRoom();
  const stop = new AbortController();
  void stopped.then((signal) => stop.abort(new Error(`it was stopped by ${signal}`)));
  const reporters = await startReporters(gathered, TERMINAL.screen, process.env, (sentence) => {
    void TERMINAL.printErrors([sentence]);
  });
  try {
    return await runBenchmark({
      scenarios,
      order,
      reach,
      processors: availableParallelism(),
      events: values.event,
      monitor: values.monitor.length > 0 ? values.monitor : undefined,
      calibrate: values.calibrate ?? false,
      command,
      version,
      signal: stop.signal,
      progress: reporters.reporter,
    });
  } finally {
    await reporters.close();
  }
}

async function report(gathered: GatheredBenchmark, benchmark: Benchmark): Promise<number> {
  const { values, outputs } = gathered;
  const thresholds = values.threshold;
  await TERMINAL.print(render(benchmark.result, outputs.printed, thresholds));
  const unwritten = writeFiles(gathered, benchmark.result);
  const { code, reasons } = benchEnding(benchmark, shownOf(benchmark.result, thresholds));
  await TERMINAL.printErrors([...reasons, ...unwritten]);
  return unwritten.length > 0 ? FAILED : code;
}

/** @returns a sentence for each file that could not be written */
function writeFiles({ outputs, values }: GatheredBenchmark, result: Result): readonly string[] {
  return outputs.files.flatMap(({ path, format }) => {
    try {
      writeFileSync(path, render(result, format, values.threshold));
      return [];
    } catch (error) {
      return [`cannot write ${path}: it ${fileProblem(error)}`];
    }
  });
}
