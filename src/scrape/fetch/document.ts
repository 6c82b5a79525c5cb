/**
 * One reply, as a document that can be read a piece at a time.
 *
 * The replies that grow with the server (`/jsz`, `/connz`) reach tens of megabytes, and one `JSON.parse` of
 * that holds the event loop for a tenth of a second and the heap for longer. So the elements of their long
 * arrays are cut out by a scan over the bytes, a reference is left in their place, and each element is parsed
 * when somebody reads it. Everything outside those arrays is parsed at once.
 *
 *   {"account_details":[{"stream_detail":[{…},{…}]}]}   →   root: {"account_details":[{"stream_detail":[1,2]}]}
 *
 * The scan assumes only that the bytes are JSON; where they are not, `JSON.parse` of a piece says so.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes scanned between two yields: about a millisecond of work. */
const SCAN_SLICE = 512 * 1024;

/** A piece of the reply: its own bytes, with a reference where a cut element stood. */
type Piece = (Buffer | string)[];

export class Document {
  readonly root: unknown;
  readonly #pieces: readonly Piece[];

  private constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
    this.root = this.#parse(0);
  }

  /** Wraps a value that is parsed already. */
  static of(root: unknown): Document {
    return new Document([[JSON.stringify(root ?? null)]]);
  }

  /**
   * Reads `body`, cutting out the elements of every array that stands under one of the keys `cut`, at any
   * depth. Yields now and then so that the caller can let others run. Throws SyntaxError where the part
   * outside the cut arrays is not JSON.
   */
  static *read(body: Buffer, cut: readonly string[] = []): Generator<void, Document> {
    if (cut.length === 0) return new Document([[body]]);
    const keys = cut.map((key) => Buffer.from(key));
    const pieces: Piece[] = [[]];
    /** Pieces being written, innermost last; a piece is left when its element ends. */
    const open: { piece: Piece; from: number; depth: number }[] = [
      { piece: pieces[0] as Piece, from: 0, depth: -1 },
    ];
    /** Depths of the cut arrays that are open, innermost last. */
    const cutArrays: number[] = [];
    let depth = 0;
    let keyStart = -1;
    let keyEnd = -1;
    let afterColon = false;
    let nextYield = SCAN_SLICE;

    const beginElement = (position: number): void => {
      const parent = open.at(-1) as (typeof open)[number];
      parent.piece.push(body.subarray(parent.from, position), String(pieces.length));
      const piece: Piece = [];
      pieces.push(piece);
      open.push({ piece, from: position, depth });
    };
    const endElement = (position: number): void => {
      const ended = open.pop() as (typeof open)[number];
      ended.piece.push(body.subarray(ended.from, position));
      (open.at(-1) as (typeof open)[number]).from = position;
    };
    /** An element is open directly inside the innermost cut array. */
    const insideElement = (): boolean => open.length > 1 && open.at(-1)?.depth === cutArrays.at(-1);

    for (let i = 0; i < body.length; i++) {
      const byte = body[i] as number;
      // Nearly every byte is blank or inside a string; structure is rare.
      if (byte <= 0x20) continue;
      const inCutArray = cutArrays.length > 0 && cutArrays.at(-1) === depth;
      if (inCutArray && byte !== COMMA && byte !== CLOSE_ARRAY && !insideElement()) beginElement(i);
      switch (byte) {
        case QUOTE: {
          const start = ++i;
          while (i < body.length && body[i] !== QUOTE) i += body[i] === BACKSLASH ? 2 : 1;
          if (!afterColon) {
            keyStart = start;
            keyEnd = i;
          }
          afterColon = false;
          break;
        }
        case COLON:
          afterColon = true;
          break;
        case OPEN_OBJECT:
          depth++;
          afterColon = false;
          break;
        case CLOSE_OBJECT:
          depth--;
          afterColon = false;
          break;
        case OPEN_ARRAY:
          depth++;
          if (
            afterColon &&
            keys.some(
              (key) => key.length === keyEnd - keyStart && key.equals(body.subarray(keyStart, keyEnd)),
            )
          ) {
            cutArrays.push(depth);
          }
          afterColon = false;
          break;
        case CLOSE_ARRAY:
          if (inCutArray) {
            if (insideElement()) endElement(i);
            cutArrays.pop();
          }
          depth--;
          afterColon = false;
          break;
        case COMMA:
          if (inCutArray && insideElement()) endElement(i);
          afterColon = false;
          break;
        default:
          afterColon = false;
      }
      if (i >= nextYield) {
        nextYield = i + SCAN_SLICE;
        yield;
      }
    }
    while (open.length > 1) endElement(body.length);
    const root = open[0] as (typeof open)[number];
    root.piece.push(body.subarray(root.from));
    return new Document(pieces);
  }

  /** The elements of an array of this document, each parsed as it is reached. Throws SyntaxError on a bad one. */
  *elements(array: unknown): Generator<unknown> {
    if (!Array.isArray(array)) return;
    for (const element of array) {
      yield this.#pieces.length > 1 && typeof element === "number" ? this.#parse(element) : element;
    }
  }

  #parse(index: number): unknown {
    const piece = this.#pieces[index];
    if (!piece) return undefined;
    let text = "";
    for (const part of piece) text += typeof part === "string" ? part : part.toString("utf8");
    return JSON.parse(text);
  }
}
