import { expect, test } from "vitest";
import { expvarz } from "../../../src/exporter/endpoints/expvarz.ts";
import { EndpointAbsent } from "../../../src/nats/monitoring/errors.ts";
import { readCollector, sample } from "../saved-replies.ts";

async function read(answer: Buffer | object | string): Promise<Record<string, number>> {
  return Object.fromEntries((await readCollector(expvarz, { "/debug/vars": answer })).series);
}

test("reports the Go runtime in base units", async () => {
  expect(await read(sample("2.15.1", "n1", "expvarz"))).toEqual({
    "nats_go_memory_obtained_bytes{}": 39688456,
    "nats_go_heap_objects_bytes{}": 26013984,
    "nats_go_heap_objects{}": 81379,
    "nats_go_heap_inuse_bytes{}": 28213248,
    "nats_go_heap_idle_bytes{}": 3538944,
    "nats_go_heap_released_bytes{}": 3538944,
    "nats_go_stack_inuse_bytes{}": 1802240,
    "nats_go_allocated_bytes_total{}": 34527312,
    "nats_go_allocations_total{}": 147145,
    "nats_go_gc_cycles_total{}": 4,
    "nats_go_gc_pause_seconds_total{}": 0.001817932,
    "nats_go_gc_cpu_ratio{}": 0.000536906139665114,
    "nats_go_gc_next_heap_bytes{}": 34841250,
    "nats_go_gc_last_timestamp_seconds{}": 1795406294.3535047,
  });
});

test("exposes nothing of the command line, which may hold secrets", async () => {
  const answer = { cmdline: ["nats-server", "--pass", "hunter2"], memstats: { NumGC: 1 } };
  const { sink } = await readCollector(expvarz, { "/debug/vars": answer });
  expect(JSON.stringify(sink.families())).not.toMatch(/hunter2|--pass|cmdline/);
});

test("omits the time of the last garbage collection if none has run", async () => {
  const exposed = await read({ memstats: { LastGC: 0, NumGC: 0 } });
  expect(exposed).toEqual({ "nats_go_gc_cycles_total{}": 0 });
});

test("has no endpoint on older releases", async () => {
  await expect(readCollector(expvarz, {})).rejects.toThrow(EndpointAbsent);
});

test("uses the valid part of a malformed reply", async () => {
  expect(await read({ memstats: { Sys: "1", HeapAlloc: null, Mallocs: 1e300 } })).toEqual({
    "nats_go_allocations_total{}": 1e300,
  });
  for (const reply of ["{}", "[]", "null", '{"memstats":[]}']) expect(await read(reply), reply).toEqual({});
});
