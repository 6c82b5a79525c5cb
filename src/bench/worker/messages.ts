/**
 * What is sent, and where to: payloads with their stamps, subjects. All of it follows from the scenario and the
 * operation's number, so that a run can be repeated.
 */

import type { Clock, Nanos } from "../../time/clock.ts";
import type { HeaderLines } from "../driver/driver.ts";
import { type Carrier, STAMP_BYTES, STAMP_HEADER, type Stamper, StampWriter } from "../measure/stamp.ts";
import { type Random, randomOf } from "../scenario/random.ts";
import type { PayloadChoice, Scenario, SizeChoice, SubjectChoice } from "../scenario/scenario.ts";
import { largestSize, smallestSize } from "../scenario/size.ts";
import { subjectNames } from "../scenario/subjects.ts";
import { Content } from "./content.ts";

/** A message, ready to be sent. */
export interface Outgoing {
  readonly payload: Uint8Array;
  readonly headers: HeaderLines | undefined;
}

/** Where a scenario's stamps travel: in a header where a payload may be too small, or is the user's own. */
export function carrierOf({ size, file }: PayloadChoice): Carrier {
  return file !== undefined || smallestSize(size) < STAMP_BYTES ? "header" : "payload";
}

/** Makes the messages of one publisher. */
export class Messages {
  readonly #carrier: Carrier;
  readonly #stamps: StampWriter;
  readonly #clock: Clock;
  readonly #file: Uint8Array | undefined;
  readonly #headers: HeaderLines;
  readonly #sizes: () => number;
  readonly #content: Content;

  /** @param clock of the run: stamps have the host's own time */
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
    this.#content = new Content({ most: largestSize(size), randomShare, seed }, stamper.publisher / clients);
  }

  /** Both times are of the run. A new payload each time: clients keep them until they have sent them. */
  next(sequence: number, intended: Nanos, sent: Nanos): Outgoing {
    const { zero } = this.#clock;
    return this.#stamped(sequence, zero + intended, zero + sent);
  }

  /** A payload alone, without a stamp. */
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
        // Box and Muller.
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

/** One of `count` things for each operation. */
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

/** The n-th most popular has a share of 1/n: cumulated, so that they end at 1. */
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

/** The subject of each operation of a publisher. */
export function subjectsOf(choice: SubjectChoice, random: Random): (n: number) => string {
  const names = subjectNames(choice);
  if (names.length === 1) return () => choice.base;
  const choose = chooser(choice.count, choice.order, random);
  return (n) => names[choose(n)] as string;
}
