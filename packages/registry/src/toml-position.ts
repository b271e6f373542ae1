/** One step into a document: a key of a table or an index of an array. */
export type PathStep = string | number;

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Where the value at `path` stands in a TOML text: the position of its key, or of the element for an array. A path
 * that the text does not hold (a missing key) gives the nearest table above it that it does hold.
 *
 * `smol-toml` keeps positions only for syntax errors. This walks the text a second time, only once something in it is
 * known to be wrong, and takes it to be valid TOML: on anything else it gives some position inside the text.
 */
export function locateTomlPath(text: string, path: readonly PathStep[]): TextPosition {
  const offsets = new PositionScanner(text).scan();
  for (let length = path.length; length > 0; length--) {
    const offset = offsets.get(pathKey(path.slice(0, length)));
    if (offset !== undefined) return positionOf(text, offset);
  }
  return { line: 1, column: 1 };
}

function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

function pathKey(path: readonly PathStep[]): string {
  return JSON.stringify(path);
}

class PositionScanner {
  readonly #text: string;
  #at = 0;
  readonly #offsets = new Map<string, number>();
  /** How many elements each array of tables has had so far. */
  readonly #tables = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Map<string, number> {
    let table: PathStep[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return this.#offsets;
      const start = this.#at;
      if (this.#text.startsWith("[[", start)) {
        this.#at += 2;
        table = this.#enterArrayTable(this.#readKey(), start);
        this.#skipLine();
      } else if (this.#text[start] === "[") {
        this.#at += 1;
        table = this.#enterTable(this.#readKey(), start);
        this.#skipLine();
      } else {
        this.#readPair(table);
      }
      // Whatever the text holds, each round moves on.
      if (this.#at === start) this.#at += 1;
    }
  }

  #note(path: readonly PathStep[], offset: number): void {
    const key = pathKey(path);
    if (!this.#offsets.has(key)) this.#offsets.set(key, offset);
  }

  /** A header's names with the indices of the array elements they go through. */
  #enterTable(names: readonly string[], offset: number): PathStep[] {
    const path: PathStep[] = [];
    for (const [index, name] of names.entries()) {
      path.push(name);
      this.#note(path, offset);
      const count = this.#tables.get(pathKey(path));
      if (count !== undefined && index < names.length - 1) path.push(count - 1);
    }
    return path;
  }

  #enterArrayTable(names: readonly string[], offset: number): PathStep[] {
    const path = this.#enterTable(names, offset);
    const key = pathKey(path);
    const count = this.#tables.get(key) ?? 0;
    this.#tables.set(key, count + 1);
    path.push(count);
    this.#note(path, offset);
    return path;
  }

  /** `key = value`, the key possibly dotted. */
  #readPair(table: readonly PathStep[]): void {
    const start = this.#at;
    const path = [...table];
    for (const name of this.#readKey()) {
      path.push(name);
      this.#note(path, start);
    }
    this.#skipSpaces();
    if (this.#text[this.#at] === "=") this.#at += 1;
    this.#readValue(path);
  }

  #readKey(): string[] {
    const names: string[] = [];
    for (;;) {
      this.#skipSpaces();
      const quote = this.#text[this.#at];
      if (quote === '"' || quote === "'") names.push(this.#readString());
      else {
        const bare = /[A-Za-z0-9_-]*/y;
        bare.lastIndex = this.#at;
        const name = bare.exec(this.#text)?.[0] ?? "";
        this.#at += name.length;
        names.push(name);
      }
      this.#skipSpaces();
      if (this.#text[this.#at] !== ".") return names;
      this.#at += 1;
    }
  }

  #readValue(path: readonly PathStep[]): void {
    this.#skipSpaces();
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#readString();
    else if (first === "[") this.#readArray(path);
    else if (first === "{") this.#readInlineTable(path);
    else this.#at += /^[^,\]}\n#]*/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0].length ?? 0;
  }

  #readArray(path: readonly PathStep[]): void {
    this.#at += 1;
    for (let index = 0; ; index++) {
      this.#skipBlank();
      if (this.#closes("]")) return;
      const start = this.#at;
      this.#note([...path, index], start);
      this.#readValue([...path, index]);
      this.#skipComma(start);
    }
  }

  #readInlineTable(path: readonly PathStep[]): void {
    this.#at += 1;
    for (;;) {
      this.#skipBlank();
      if (this.#closes("}")) return;
      const start = this.#at;
      this.#readPair(path);
      this.#skipComma(start);
    }
  }

  #closes(bracket: string): boolean {
    if (this.#at < this.#text.length && this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #skipComma(start: number): void {
    this.#skipBlank();
    if (this.#text[this.#at] === "," || this.#at === start) this.#at += 1;
  }

  /** A string of any of the four kinds; escapes in a basic one are decoded as far as keys need it. */
  #readString(): string {
    const quote = this.#text[this.#at] ?? "";
    const triple = quote.repeat(3);
    const mark = this.#text.startsWith(triple, this.#at) ? triple : quote;
    const start = this.#at + mark.length;
    let end = start;
    while (end < this.#text.length && !this.#text.startsWith(mark, end)) {
      end += quote === '"' && this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = Math.min(end + mark.length, this.#text.length);
    // A multi-line string may end in one or two quotes of its own.
    while (mark === triple && this.#text[this.#at] === quote) this.#at += 1;
    const body = this.#text.slice(start, end);
    return quote === "'" ? body : decodeEscapes(body);
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at += 1;
  }

  #skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }

  /** White space, line ends and comments. */
  #skipBlank(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === "#") this.#skipLine();
      else if (character === " " || character === "\t" || character === "\r" || character === "\n")
        this.#at += 1;
      else return;
    }
  }
}

function decodeEscapes(body: string): string {
  return body.replace(/\\u([0-9A-Fa-f]{4})|\\(["\\])/g, (_, code: string | undefined, character: string) =>
    code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
