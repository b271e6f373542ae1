/** Hands out rows: those that became free first, the lowest of them before the others, then new ones at the end. */
export class FreeRows {
  /** Lowest last. */
  #free: number[];
  #sorted = true;
  #rows: number;

  /** @param rows rows there are, the free ones among them */
  constructor(free: readonly number[], rows: number) {
    this.#free = free.toSorted((a, b) => b - a);
    this.#rows = rows;
  }

  /** Rows there are, the free ones among them. */
  get rows(): number {
    return this.#rows;
  }

  /** The free rows, ascending. */
  get free(): readonly number[] {
    return this.#free.toSorted((a, b) => a - b);
  }

  /** A row that nobody has. */
  take(): number {
    if (!this.#sorted) this.#free.sort((a, b) => b - a);
    this.#sorted = true;
    return this.#free.pop() ?? ++this.#rows;
  }

  /** Gives a row back. */
  give(row: number): void {
    this.#free.push(row);
    this.#sorted = false;
  }
}
