/**
 * Payloads with stamps, and subjects. Both follow from the scenario and the number of the operation, so that a run can
 * be repeated.
 */

import type { Clock, Nanos } from "../../time/clock.ts";
import type { HeaderLines } from "../driver/driver.ts";
import { type Carrier, STAMP_BYTES, STAMP_HEADER, type Stamper, StampWriter } from "../measure/stamp.ts";
import { type Random, randomOf } from "../scenario/random.ts";
import type { PayloadChoice, Scenario, SizeChoice, SubjectChoice } from "../scenario/scenario.ts";
import { largestSize, smallestSize } from "../scenario/size.ts";
import { subjectNames } from "../scenario/subjects.ts";
import { Content } from "./content.ts";

/** A message to send. */
interface Outgoing {
  readonly payload: Uint8Array;
  readonly headers: HeaderLines | undefined;
}

/** Returns `header` if a payload may be too small for a stamp or comes from a file, else `payload`. */
export function carrierOf({ size, file }: PayloadChoice): Carrier {
  return file !== undefined || smallestSize(size) < STAMP_BYTES ? "header" : "payload";
}

/** Creates the messages of one sender. */
export class Messages {
  readonly #carrier: Carrier;
  readonly #stamps: StampWriter;
  readonly #clock: Clock;
  readonly #file: Uint8Array | undefined;
  readonly #headers: HeaderLines;
  readonly #sizes: () => number;
  readonly #content: Content;

  /** @param clock of the run, from which stamps get the host's monotonic time */
  constructor(scenario: Scenario, stamper: Stamper, clock: Clock) {
    const { payload, headers, seed, clients } = scenario;
    const random = randomOf(seed ^ Math.imul(stamper.publisher + 1, 0x85ebca6b));
    const { size, randomShare } = payload;
    this.#clock = clock;
    this.#carrier = carrierOf(payload);
    this.#stamps = new StampWriter(stamper);
    this.#file = payload.file?.content;
    this.#headers = headers;
    this.#sizes = sizesOf(size, random);
    this.#content = new Content(
      { maxSize: largestSize(size), randomShare, seed },
      stamper.publisher / clients,
    );
  }

  /** Returns a new payload each time: clients keep payloads until they are sent. Times are on the run's clock. */
  next(sequence: number, intended: Nanos, sent: Nanos): Outgoing {
    const { zero } = this.#clock;
    return this.#stamped(sequence, zero + intended, zero + sent);
  }

  /** A payload without a stamp. */
  content(): Uint8Array {
    return this.#file ?? this.#fresh(this.#sizes());
  }

  #stamped(sequence: number, intended: Nanos, sent: Nanos): Outgoing {
    if (this.#carrier === "payload") {
      const payload = this.#fresh(this.#sizes());
      this.#stamps.write(payload, sequence, intended, sent);
      return { payload, headers: this.#headers.length > 0 ? this.#headers : undefined };
    }
    const stamp = Buffer.from(this.#stamps.stamp(sequence, intended, sent)).toString("base64");
    return { payload: this.content(), headers: [...this.#headers, [STAMP_HEADER, stamp]] };
  }

  #fresh(size: number): Uint8Array {
    const payload = Buffer.allocUnsafe(size);
    this.#content.fill(payload);
    return payload;
  }
}

function sizesOf(choice: SizeChoice, random: Random): () => number {
  switch (choice.kind) {
    case "fixed":
      return () => choice.bytes;
    case "uniform":
      return () => choice.least + Math.floor(random() * (choice.most - choice.least + 1));
    case "normal":
      return () => {
        // Box-Muller transform.
        const deviate = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        return Math.min(choice.most, Math.max(0, Math.round(choice.mean + choice.deviation * deviate)));
      };
    case "weighted":
      return weighted(choice.choices, random);
  }
}

function weighted(choices: readonly { bytes: number; weight: number }[], random: Random): () => number {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random() * total;
    for (const { bytes, weight } of choices) {
      left -= weight;
      if (left < 0) return bytes;
    }
    return choices.at(-1)?.bytes ?? 0;
  };
}

/** Chooses one of `count` items for each operation. */
export function chooser(count: number, order: SubjectChoice["order"], random: Random): (n: number) => number {
  if (order === "sequential") return (n) => n % count;
  if (order === "random") return () => Math.floor(random() * count);
  const bounds = zipfBounds(count);
  return () => {
    const at = random();
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((bounds[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Cumulated shares, ending at 1: the n-th most popular item has a share proportional to 1/n. */
function zipfBounds(count: number): Float64Array {
  const bounds = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1);
    bounds[i] = sum;
  }
  for (let i = 0; i < count; i++) bounds[i] = (bounds[i] as number) / sum;
  return bounds;
}

/** The subject of each operation of a sender. */
export function subjectsOf(choice: SubjectChoice, random: Random): (n: number) => string {
  const names = subjectNames(choice);
  if (names.length === 1) return () => choice.base;
  const choose = chooser(choice.count, choice.order, random);
  return (n) => names[choose(n)] as string;
}
