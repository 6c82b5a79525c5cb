/**
 * Commands of `--event`, which a benchmark runs at given times: to kill a node, or to step a leader down. They run in
 * a shell, as the user wrote them, with the user's rights.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, MILLISECOND, SECOND } from "../../time/clock.ts";
import { withoutSecrets } from "../environment/secrets.ts";

/** A command and its time. */
export interface TimedCommand {
  /** Seconds since the run's zero, warm-up included; if scenarios run in turn, since the zero of the first. */
  readonly second: number;
  readonly command: string;
}

/** How a command ended. */
export interface CommandOutcome {
  readonly command: TimedCommand;
  /** Milliseconds of `performance.now()`; undefined if the run ended before the command's time. */
  readonly startedAtMs: number | undefined;
  readonly tookMs: number;
  /** `exit code 0`, `ended by SIGKILL`, `killed: still running at the end of the run`. */
  readonly end: string;
  /** The end of its output, both streams together; anything that looks like a secret is replaced. */
  readonly output: string;
}

const OUTPUT_CHARACTERS = 2000;
/** Time that a running command gets after the run: a command that thaws a server should finish. */
const GRACE_MS = 5000;

/** Runs commands at their times. */
export class Commands {
  readonly #commands: readonly TimedCommand[];
  readonly #onStart: (command: string, second: number) => void;
  readonly #runs = new Map<TimedCommand, Promise<CommandOutcome>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end = new AbortController();

  /** @param onStart called with each command, without secrets, when it starts */
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

  /** Cancels commands that have not started, and resolves when none is running. */
  async finish(): Promise<readonly CommandOutcome[]> {
    for (const timer of this.#timers) clearTimeout(timer);
    const graceTimer = setTimeout(() => this.#end.abort(), GRACE_MS);
    const outcomes = await Promise.all(
      this.#commands.map((command) => this.#runs.get(command) ?? neverRun(command)),
    );
    clearTimeout(graceTimer);
    return outcomes;
  }
}

function neverRun(command: TimedCommand): CommandOutcome {
  const end = "not run: the benchmark ended before its time";
  return { command, startedAtMs: undefined, tookMs: 0, end, output: "" };
}

function run(command: TimedCommand, signal: AbortSignal): Promise<CommandOutcome> {
  const startedAtMs = performance.now();
  let output = "";
  const child = spawn(command.command, {
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that everything that the shell has started can be killed with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const append = (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS);
  };
  child.stdout.setEncoding("utf8").on("data", append);
  child.stderr.setEncoding("utf8").on("data", append);
  return new Promise((resolve) => {
    const settle = (end: string) => {
      signal.removeEventListener("abort", kill);
      const shown = withoutSecrets(output.trim());
      resolve({ command, startedAtMs, tookMs: performance.now() - startedAtMs, end, output: shown });
    };
    const kill = () => {
      killGroup(child);
      settle("killed: still running at the end of the run");
    };
    signal.addEventListener("abort", kill);
    child.once("error", (error) => settle(`could not start: ${error.message}`));
    // Not "close": a server that the command has started keeps the streams open.
    child.once("exit", (code, by) => setImmediate(settle, by ? `ended by ${by}` : `exit code ${code}`));
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (process.platform === "win32") child.kill();
    else if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // The command has ended meanwhile.
  }
}
