/**
 * A reply as a document that can be read in pieces.
 *
 * Replies that grow with the server (`/jsz`, `/connz`) reach tens of megabytes. `JSON.parse` of such a reply blocks
 * the event loop for a tenth of a second, and the objects occupy the heap for longer. So a scan over the bytes cuts
 * the elements out of long arrays and leaves references in their place; each element is parsed when it is read. The
 * rest is parsed at once.
 *
 *   {"account_details":[{"stream_detail":[{…},{…}]}]}   →   root: {"account_details":["ref:0"]}
 *                                                           piece 0: {"stream_detail":["ref:1","ref:2"]}
 *
 * The scan need not validate: a reference only replaces an element of an array. So if `JSON.parse` accepts every
 * piece, it would accept the whole, with the same value.
 */
import { randomBytes } from "node:crypto";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BLANK = 0x20;
const LINE_FEED = 0x0a;
const FOUR_BLANKS = 0x20202020;

/** Below this size, one `JSON.parse` takes 20 ms at most, which is less than many small ones take together. */
const CUT_FROM_BYTES = 4 * 1024 * 1024;

/** Bytes to scan between two yields: about a millisecond. */
const SCAN_SLICE = 512 * 1024;

/** Stands for the depth of no array. Far below 0, because excess closing brackets make depths negative. */
const NOWHERE = -(2 ** 30);

/** A piece of the reply: `[from, to]` of its bytes, or `[from, to, element, from, to, …]` with cut elements between. */
type Piece = number[];

/** A reply of a server. */
export class Document {
  readonly root: unknown;
  readonly #body: Buffer;
  readonly #pieces: readonly Piece[];
  /** Start of every reference. Random for each document, so that no reply can contain it. */
  readonly #marker: string;

  private constructor(body: Buffer, { root, pieces }: { root: Piece; pieces: readonly Piece[] }) {
    this.#body = body;
    this.#pieces = pieces;
    this.#marker = pieces.length === 0 ? "" : `${randomBytes(12).toString("base64")}:`;
    this.root = this.#parse(root);
  }

  /** Wraps a value that JSON can represent. */
  static of(root: unknown): Document {
    const body = Buffer.from(JSON.stringify(root ?? null));
    return new Document(body, { root: [0, body.length], pieces: [] });
  }

  /**
   * Reads `body`. If it has `fromBytes` or more, cuts the elements out of each array under one of the keys `cut`, at
   * any depth. Yields about every millisecond, so that the caller can let other work run.
   *
   * @throws {SyntaxError} if the part outside the cut arrays is not JSON
   */
  static *read(
    body: Buffer,
    cut: readonly string[] = [],
    fromBytes = CUT_FROM_BYTES,
  ): Generator<void, Document> {
    if (cut.length === 0 || body.length < fromBytes) {
      return new Document(body, { root: [0, body.length], pieces: [] });
    }
    const scan = new Scan(body, cut);
    while (scan.advance(SCAN_SLICE)) yield;
    return new Document(body, scan.end());
  }

  /** The elements of an array of this document, each parsed when it is reached. @throws {SyntaxError} if it is not JSON */
  *elements(array: unknown): Generator<unknown> {
    if (!Array.isArray(array)) return;
    for (const element of array) {
      const piece = this.#pieceOf(element);
      yield piece ? this.#parse(piece) : element;
    }
  }

  #pieceOf(element: unknown): Piece | undefined {
    if (this.#pieces.length === 0 || typeof element !== "string") return undefined;
    return element.startsWith(this.#marker)
      ? this.#pieces[Number(element.slice(this.#marker.length))]
      : undefined;
  }

  #parse(piece: Piece): unknown {
    let text = this.#body.toString("utf8", piece[0], piece[1]);
    for (let i = 2; i < piece.length; i += 3) {
      text += `"${this.#marker}${piece[i]}"`;
      text += this.#body.toString("utf8", piece[i + 1], piece[i + 2]);
    }
    return JSON.parse(text);
  }
}

/** State of the scan in the root or in an element of a cut array. */
interface Frame {
  /** Where to look for its first byte that is not blank. */
  start: number;
  /** Start of the bytes that are not yet in `piece`. */
  from: number;
  readonly piece: Piece;
}

/** The scan over the bytes. Recognises only strings, brackets and commas. */
class Scan {
  readonly #body: Buffer;
  /** The same bytes in groups of four, if they are aligned: half of a reply is indentation. */
  readonly #words: Uint32Array;
  readonly #keys: readonly Buffer[];
  readonly #pieces: Piece[] = [];
  readonly #root: Frame = { start: 0, from: 0, piece: [] };
  /** Open elements, innermost last, and the depths of their arrays. */
  readonly #frames: Frame[] = [];
  readonly #cutDepths: number[] = [];
  #position = 0;
  #depth = 0;
  /** The last string, without its quotes. */
  #stringStart = 0;
  #stringEnd = 0;

  constructor(body: Buffer, cut: readonly string[]) {
    this.#body = body;
    const words = body.byteOffset % 4 === 0 ? body.length >> 2 : 0;
    this.#words = new Uint32Array(body.buffer, words && body.byteOffset, words);
    this.#keys = cut.map((key) => Buffer.from(key));
  }

  /** Scans about `bytes` more. Returns false at the end. */
  advance(bytes: number): boolean {
    const body = this.#body;
    const words = this.#words;
    const until = Math.min(this.#position + bytes, body.length);
    let depth = this.#depth;
    let cutDepth = this.#cutDepths.at(-1) ?? NOWHERE;
    let i = this.#position;
    for (; i < until; i++) {
      const byte = body[i] as number;
      // Nearly every byte is blank or inside a string.
      if (byte <= BLANK) {
        if (byte === LINE_FEED) i = lastOfIndentation(body, words, i);
      } else if (byte === QUOTE) {
        this.#stringStart = i + 1;
        i = endOfString(body, i + 1);
        this.#stringEnd = i;
      } else if (byte === COMMA) {
        if (depth === cutDepth) this.#nextElement(i);
      } else if (byte === OPEN_OBJECT) {
        depth++;
      } else if (byte === OPEN_ARRAY) {
        depth++;
        if (this.#isCut(i)) {
          cutDepth = depth;
          this.#openArray(i, depth);
        }
      } else if (byte === CLOSE_ARRAY) {
        if (depth === cutDepth) cutDepth = this.#closeArray(i);
        depth--;
      } else if (byte === CLOSE_OBJECT) {
        depth--;
      }
    }
    this.#position = i;
    this.#depth = depth;
    return i < body.length;
  }

  /** The pieces. Elements without an end stay in the root, which no parser accepts then. */
  end(): { root: Piece; pieces: readonly Piece[] } {
    this.#root.piece.push(this.#root.from, this.#body.length);
    return { root: this.#root.piece, pieces: this.#pieces };
  }

  /** Whether the array that opens at `position` is the value of one of the keys. */
  #isCut(position: number): boolean {
    const body = this.#body;
    let before = lastNonBlank(body, position - 1);
    if (body[before] !== COLON) return false;
    before = lastNonBlank(body, before - 1);
    if (before !== this.#stringEnd) return false;
    const length = this.#stringEnd - this.#stringStart;
    return this.#keys.some(
      (key) => key.length === length && key.compare(body, this.#stringStart, this.#stringEnd) === 0,
    );
  }

  #openArray(position: number, depth: number): void {
    this.#cutDepths.push(depth);
    this.#frames.push({ start: position + 1, from: position + 1, piece: [] });
  }

  #nextElement(position: number): void {
    this.#endElement(position);
    this.#frames.push({ start: position + 1, from: position + 1, piece: [] });
  }

  /** Returns the depth of the enclosing cut array, or NOWHERE. */
  #closeArray(position: number): number {
    this.#endElement(position);
    this.#cutDepths.pop();
    return this.#cutDepths.at(-1) ?? NOWHERE;
  }

  /** Blanks alone are not an element. They stay in the enclosing piece, so that the parser distinguishes `[]` from `[1,]`. */
  #endElement(position: number): void {
    const { start, from, piece } = this.#frames.pop() as Frame;
    const first = firstNonBlank(this.#body, start);
    if (first === position) return;
    if (piece.length === 0) piece.push(first, position);
    else piece.push(from, position);
    const enclosing = this.#frames.at(-1) ?? this.#root;
    enclosing.piece.push(enclosing.from, first, this.#pieces.length);
    enclosing.from = position;
    this.#pieces.push(piece);
  }
}

/** Position of the closing quote, or the length of the body. */
function endOfString(body: Buffer, from: number): number {
  const length = body.length;
  let i = from;
  while (i < length) {
    const byte = body[i];
    if (byte === QUOTE) return i;
    i += byte === BACKSLASH ? 2 : 1;
  }
  return length;
}

/** Position of the last blank after a line feed, or of the line feed itself. */
function lastOfIndentation(body: Buffer, words: Uint32Array, lineFeed: number): number {
  let i = lineFeed + 1;
  while (i % 4 !== 0 && (body[i] as number) === BLANK) i++;
  if (i % 4 !== 0) return i - 1;
  let word = i >> 2;
  while (words[word] === FOUR_BLANKS) word++;
  return (word << 2) - 1;
}

function firstNonBlank(body: Buffer, from: number): number {
  let i = from;
  while ((body[i] as number) <= BLANK) i++;
  return i;
}

function lastNonBlank(body: Buffer, from: number): number {
  let i = from;
  while ((body[i] as number) <= BLANK) i--;
  return i;
}
