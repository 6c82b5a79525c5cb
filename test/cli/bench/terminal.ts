/** A terminal whose rows can be read. It knows the escape sequences that progress lines use. */

export class Terminal {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  /** Everything that was written, in order. */
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
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
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

  /** All rows, those above the screen included, without trailing blanks. */
  get text(): string {
    return this.#screen
      .map((row) =>
        Array.from(row, (cell) => cell ?? " ")
          .join("")
          .trimEnd(),
      )
      .join("\n");
  }

  /** A character beyond the last column goes to the next row, as on a terminal. */
  #put(one: string): void {
    if (this.#column >= this.columns) this.#newLine();
    (this.#screen[this.#row] as string[])[this.#column++] = one;
  }

  /** Includes a carriage return, which the terminal's driver adds. */
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
