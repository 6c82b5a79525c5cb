/**
 * Commands that the user wants run in the middle of a run: kill a node, step a leader down. They run in a shell,
 * as the user wrote them, with the user's rights.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, MILLISECOND, SECOND } from "../../time/clock.ts";
import { withoutSecrets } from "../environment/secrets.ts";

/** What to run, and when. */
export interface TimedCommand {
  /** Since the run's zero, warm-up included; of scenarios in turn, since the first one's. */
  readonly second: number;
  readonly command: string;
}

/** What became of it. */
export interface CommandOutcome {
  readonly command: TimedCommand;
  /** Milliseconds of `performance.now()`; undefined: the run ended before its time. */
  readonly startedAtMs: number | undefined;
  readonly tookMs: number;
  /** `exit code 0`, `ended by SIGKILL`, `still running at the end of the run` ... */
  readonly end: string;
  /** The end of what it wrote, both streams together, without what looks like a secret. */
  readonly output: string;
}

const OUTPUT_CHARACTERS = 2000;
/** A command at the end of a run has so long to finish: one that thaws a server should. */
const GRACE_MS = 5000;

/** Runs commands at their times. */
export class Commands {
  readonly #commands: readonly TimedCommand[];
  readonly #onStart: (command: string, second: number) => void;
  readonly #runs = new Map<TimedCommand, Promise<CommandOutcome>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end = new AbortController();

  /** @param onStart told of each command, without secrets, when it begins */
  constructor(commands: readonly TimedCommand[], onStart: (command: string, second: number) => void) {
    this.#commands = commands;
    this.#onStart = onStart;
  }

  /** @param clock of the run */
  begin(clock: Clock): void {
    for (const command of this.#commands) {
      const start = () => {
        this.#runs.set(command, run(command, this.#end.signal));
        this.#onStart(withoutSecrets(command.command), clock.now() / SECOND);
      };
      this.#timers.push(setTimeout(start, Math.max(0, command.second * 1000 - clock.now() / MILLISECOND)));
    }
  }

  /** Resolves when none of them runs any more. */
  async finish(): Promise<readonly CommandOutcome[]> {
    for (const timer of this.#timers) clearTimeout(timer);
    const impatience = setTimeout(() => this.#end.abort(), GRACE_MS);
    const outcomes = await Promise.all(
      this.#commands.map((command) => this.#runs.get(command) ?? neverRun(command)),
    );
    clearTimeout(impatience);
    return outcomes;
  }
}

function neverRun(command: TimedCommand): CommandOutcome {
  const end = "never run: the run was over before";
  return { command, startedAtMs: undefined, tookMs: 0, end, output: "" };
}

function run(command: TimedCommand, signal: AbortSignal): Promise<CommandOutcome> {
  const startedAtMs = performance.now();
  let output = "";
  const child = spawn(command.command, {
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which ends with the run, whatever the shell has started.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const note = (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS);
  };
  child.stdout.setEncoding("utf8").on("data", note);
  child.stderr.setEncoding("utf8").on("data", note);
  return new Promise((resolve) => {
    const settle = (end: string) => {
      signal.removeEventListener("abort", giveUp);
      const shown = withoutSecrets(output.trim());
      resolve({ command, startedAtMs, tookMs: performance.now() - startedAtMs, end, output: shown });
    };
    const giveUp = () => {
      killGroup(child);
      settle("still running at the end of the run, and ended with it");
    };
    signal.addEventListener("abort", giveUp);
    child.once("error", (error) => settle(`could not be run: ${error.message}`));
    // Not "close": a server that the command has started keeps its streams open.
    child.once("exit", (code, by) => setImmediate(settle, by ? `ended by ${by}` : `exit code ${code}`));
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (process.platform === "win32") child.kill();
    else if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
