/**
 * `/debug/vars`: the Go runtime of the server process.
 *
 * Only numbers of `memstats` are read. The reply also holds `cmdline`, which may hold secrets: nothing of it
 * is ever looked at.
 *
 * Source: expvar and runtime.MemStats of Go.
 */
import type { Collector } from "../collect/collector.ts";
import { type Conversion, nanoseconds, number } from "../collect/conversions.ts";
import { from, type Table } from "../collect/table.ts";
import type { Document } from "../sources/monitoring-port/document.ts";

/** Nanoseconds since 1970, as seconds; 0 is "never". */
const nanosecondInstant: Conversion = (value) => nanoseconds(value) || undefined;

const memstats = (field: string, as: Conversion = number) => ({
  ...from(`memstats.${field}`, as),
  since: "2.11.11, 2.12.2",
});

export const goRuntime: Table<unknown> = {
  item: "Go runtime",
  endpoint: "/debug/vars",
  labels: [],
  identify: () => [],
  rows: [
    {
      name: "nats_go_memory_obtained_bytes",
      type: "gauge",
      help: "Memory that the Go runtime has obtained from the operating system, virtual, all uses together.",
      ...memstats("Sys"),
    },
    {
      name: "nats_go_heap_objects_bytes",
      type: "gauge",
      help: "Bytes of heap objects, those included that the garbage collector has yet to free.",
      ...memstats("HeapAlloc"),
    },
    {
      name: "nats_go_heap_objects",
      type: "gauge",
      help: "Heap objects, those included that the garbage collector has yet to free.",
      ...memstats("HeapObjects"),
    },
    {
      name: "nats_go_heap_inuse_bytes",
      type: "gauge",
      help: "Bytes of heap spans that hold at least one object.",
      ...memstats("HeapInuse"),
    },
    {
      name: "nats_go_heap_idle_bytes",
      type: "gauge",
      help: "Bytes of heap spans that hold nothing; those not released could be.",
      ...memstats("HeapIdle"),
    },
    {
      name: "nats_go_heap_released_bytes",
      type: "gauge",
      help: "Bytes of idle heap spans that were returned to the operating system.",
      ...memstats("HeapReleased"),
    },
    {
      name: "nats_go_stack_inuse_bytes",
      type: "gauge",
      help: "Bytes of goroutine stacks; they grow with the number of goroutines, so with connections and consumers.",
      ...memstats("StackInuse"),
    },
    {
      name: "nats_go_allocated_bytes_total",
      type: "counter",
      help: "Bytes ever allocated for heap objects.",
      ...memstats("TotalAlloc"),
    },
    {
      name: "nats_go_allocations_total",
      type: "counter",
      help: "Heap objects ever allocated.",
      ...memstats("Mallocs"),
    },
    {
      name: "nats_go_gc_cycles_total",
      type: "counter",
      help: "Garbage collections completed.",
      ...memstats("NumGC"),
    },
    {
      name: "nats_go_gc_pause_seconds_total",
      type: "counter",
      help: "Time that garbage collections have stopped the whole server.",
      ...memstats("PauseTotalNs", nanoseconds),
    },
    {
      name: "nats_go_gc_cpu_ratio",
      type: "gauge",
      help: "Share of the server's CPU time since its start that garbage collection took, 0 to 1.",
      ...memstats("GCCPUFraction"),
    },
    {
      name: "nats_go_gc_next_heap_bytes",
      type: "gauge",
      help: "Heap size that the next garbage collection aims at.",
      ...memstats("NextGC"),
    },
    {
      name: "nats_go_gc_last_timestamp_seconds",
      type: "gauge",
      help: "When the last garbage collection ended. Absent if never.",
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
