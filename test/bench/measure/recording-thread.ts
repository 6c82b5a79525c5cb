/** A thread that records into memory that it was given, and ends. */
import { workerData } from "node:worker_threads";
import { Recorder, Recording } from "../../../src/bench/measure/recorder.ts";
import { type RecordingTask, valuesOf, WINDOW } from "./recorded-values.ts";

const task = workerData as RecordingTask;
const recorder = new Recorder(new Recording(task.memory), WINDOW);
for (const value of valuesOf(task)) {
  recorder.ended(0, value / 2, value);
  recorder.count("completed");
}
