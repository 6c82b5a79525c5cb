/**
 * `/debug/vars`: the Go runtime of the server process.
 *
 * Only numbers in `memstats` are read. The reply also contains `cmdline`, which may hold secrets and is never read.
 *
 * Source: expvar and runtime.MemStats of Go.
 */
import type { Collector } from "../collect/collector.ts";
import { type Conversion, nanoseconds, number } from "../collect/conversions.ts";
import { from, type Table } from "../collect/table.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

/** Integer nanoseconds since 1970, converted to seconds. 0 means "never": no sample. */
const nanosecondInstant: Conversion = (value) => nanoseconds(value) || undefined;

const memstats = (field: string, as: Conversion = number) => ({
  ...from(`memstats.${field}`, as),
  since: "2.11.11, 2.12.2",
});

const goRuntime: Table<unknown> = {
  item: "Go runtime",
  endpoint: "/debug/vars",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_go_memory_obtained_bytes",
      type: "gauge",
      help: "Virtual memory that the Go runtime obtained from the operating system, in bytes.",
      ...memstats("Sys"),
    },
    {
      name: "nats_go_heap_objects_bytes",
      type: "gauge",
      help: "Heap objects in bytes, including unreachable ones that are not yet freed.",
      ...memstats("HeapAlloc"),
    },
    {
      name: "nats_go_heap_objects",
      type: "gauge",
      help: "Heap objects, including unreachable ones that are not yet freed.",
      ...memstats("HeapObjects"),
    },
    {
      name: "nats_go_heap_inuse_bytes",
      type: "gauge",
      help: "Heap spans with at least one object, in bytes.",
      ...memstats("HeapInuse"),
    },
    {
      name: "nats_go_heap_idle_bytes",
      type: "gauge",
      help: "Heap spans without objects, in bytes, including those already returned to the operating system.",
      ...memstats("HeapIdle"),
    },
    {
      name: "nats_go_heap_released_bytes",
      type: "gauge",
      help: "Idle heap spans returned to the operating system, in bytes.",
      ...memstats("HeapReleased"),
    },
    {
      name: "nats_go_stack_inuse_bytes",
      type: "gauge",
      help: "Goroutine stacks, in bytes. Grows with the number of goroutines, and so with connections and consumers.",
      ...memstats("StackInuse"),
    },
    {
      name: "nats_go_allocated_bytes_total",
      type: "counter",
      help: "Bytes allocated for heap objects.",
      ...memstats("TotalAlloc"),
    },
    {
      name: "nats_go_allocations_total",
      type: "counter",
      help: "Heap objects allocated.",
      ...memstats("Mallocs"),
    },
    {
      name: "nats_go_gc_cycles_total",
      type: "counter",
      help: "Completed garbage collections.",
      ...memstats("NumGC"),
    },
    {
      name: "nats_go_gc_pause_seconds_total",
      type: "counter",
      help: "Time that garbage collections stopped the whole server, in seconds.",
      ...memstats("PauseTotalNs", nanoseconds),
    },
    {
      name: "nats_go_gc_cpu_ratio",
      type: "gauge",
      help: "Fraction of the server's CPU time since its start used by garbage collection, 0 to 1.",
      ...memstats("GCCPUFraction"),
    },
    {
      name: "nats_go_gc_next_heap_bytes",
      type: "gauge",
      help: "Target heap size of the next garbage collection, in bytes.",
      ...memstats("NextGC"),
    },
    {
      name: "nats_go_gc_last_timestamp_seconds",
      type: "gauge",
      help: "Time at which the last garbage collection ended, in seconds since 1970. Absent if none has run.",
      ...memstats("LastGC", nanosecondInstant),
    },
  ],
};

export const expvarz: Collector<{ expvarz: Document }> = {
  name: "expvarz",
  summary: "the server's Go runtime: heap, stacks, garbage collection",
  tables: [goRuntime],
  async fetch(ask) {
    return { expvarz: await ask({ path: "/debug/vars", mayBeAbsent: true }) };
  },
  read({ expvarz }, _context, sink) {
    sink.add(goRuntime, expvarz.root);
    return undefined;
  },
};
