/** A terminal of which the rows can be read: as much of one as a line that is drawn again and again needs. */

export class Terminal {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  /** What was written, in the order in which it was. */
  readonly writes: string[] = [];
  #screen: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.writes.push(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are steered by
    for (const [one, count, command] of text.matchAll(/\u001b\[(\d*)([A-Z])|./gsu)) {
      if (command === "A") this.#row = Math.max(0, this.#row - Number(count || 1));
      else if (command === "J" && count === "") this.#clearToEnd();
      else if (command !== undefined) throw new Error(`it does not know ${JSON.stringify(one)}`);
      else if (one === "\r") this.#column = 0;
      else if (one === "\n") this.#newLine();
      else this.#put(one);
    }
    return true;
  }

  /** All rows that were ever written on, those above the screen included, without blanks at their ends. */
  get text(): string {
    return this.#screen
      .map((row) =>
        Array.from(row, (cell) => cell ?? " ")
          .join("")
          .trimEnd(),
      )
      .join("\n");
  }

  /** What it cannot take as a line's end goes on in the next row, as terminals have it. */
  #put(one: string): void {
    if (this.#column >= this.columns) this.#newLine();
    (this.#screen[this.#row] as string[])[this.#column++] = one;
  }

  /** In raw mode the cursor would stay in its column; a terminal's driver writes a carriage return before. */
  #newLine(): void {
    this.#row++;
    this.#column = 0;
    this.#screen[this.#row] ??= [];
  }

  #clearToEnd(): void {
    this.#screen.length = this.#row + 1;
    (this.#screen[this.#row] as string[]).length = Math.min(
      this.#column,
      (this.#screen[this.#row] as string[]).length,
    );
  }
}
