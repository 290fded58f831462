/** Lines reads the values of a text that has one JSON value on each line (application/x-ndjson) while the text grows. */
export class Lines {
  #at = 0; // what is before it has been given
  #looked = 0; // what is before it holds no more line ends

  /** Gives the values of the lines that are whole now. text: everything that has come so far. */
  read(text: string): unknown[] {
    const values: unknown[] = [];
    for (;;) {
      const end = text.indexOf("\n", this.#looked);
      if (end < 0) break;
      values.push(...parsed(text.slice(this.#at, end)));
      this.#at = end + 1;
      this.#looked = this.#at;
    }
    this.#looked = text.length;
    return values;
  }

  /** Gives the values of a text that has come to its end; the last line needs no line end. */
  finish(text: string): unknown[] {
    const values = this.read(text);
    values.push(...parsed(text.slice(this.#at)));
    this.#at = text.length;
    return values;
  }
}

/** The value of a line, if it is one; a line that was cut off is none. */
function parsed(line: string): unknown[] {
  if (line.trim() === "") return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
