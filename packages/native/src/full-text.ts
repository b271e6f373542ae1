/** Full-text search over files on the disk, in the native core: BM25 over a heading and a body. */
import { PatinaError } from "@patina/core";
import type {
  FullTextMatches,
  NativeFullTextIndex,
  NativeFullTextWriter,
  NativeQueryTerms,
} from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { nothingFound, throwFailed } from "./native-error.ts";

/** What a full-text search found. */
export interface WordMatches {
  /** `[found]`, from 0, best first, equal scores by row. */
  readonly rows: Uint32Array;
  /** `[found]`: BM25; higher is better. */
  readonly scores: Float64Array;
}

/** A word of a query. */
export interface QueryWord {
  /** In lower case. */
  readonly word: string;
  /** Passages that have it, or another word that is one with it. */
  readonly passages: number;
}

/** A passage on its way into an index. */
export interface FullTextPassage {
  /** From 0. */
  readonly row: number;
  /** Its words count for more than those of the body. */
  readonly heading: string;
  readonly body: string;
}

/** What a new index takes over. */
export interface FullTextBase {
  /** An index that there is. */
  readonly path: string;
  /** Its rows that are not taken over, in any order. */
  readonly removedRows: Uint32Array;
}

/** A place where a text has a word of a query. */
export interface WordOccurrence {
  /** UTF-16 units: a whole word, or a part of an identifier. */
  readonly start: number;
  readonly end: number;
  /** Which of the words, from 0; the first of those that are one. */
  readonly word: number;
}

/**
 * An index of words on the disk, open for searching. The file never changes while it is open; it may be removed, which takes nothing
 * from it.
 *
 * Its table is held against a checksum when it is opened, a word's list when it is read: damage is an error and no other answer. All
 * of it is synchronous: among 100,000 passages a search takes a millisecond, a phrase of words that all have seven (soak/RESULTS.md).
 */
export class FullTextIndex implements Disposable {
  /** Rows, those without a passage among them. */
  readonly rows: number;
  readonly passages: number;
  /** Of all that the file holds, 32 bits: equal for equal content. Whoever keeps it can tell one index from another. */
  readonly checksum: number;
  readonly #native: NativeFullTextIndex;

  /**
   * Maps the file.
   *
   * @throws PatinaError `INTEGRITY` naming the file where it is missing or damaged, `INDEX_INCOMPATIBLE` where another version
   * wrote it, `IO`.
   */
  constructor(path: string) {
    const { NativeFullTextIndex } = loadAddon();
    this.#native = new NativeFullTextIndex();
    const { rows, passages, checksum } = throwFailed(this.#native.open(path));
    this.rows = rows;
    this.passages = passages;
    this.checksum = checksum;
  }

  /**
   * Every distinct word of a query and every part of its identifiers, in its order.
   *
   * @throws PatinaError `INTEGRITY`, `CLOSED`.
   */
  words(query: string): QueryWord[] {
    const { words, passages } = throwFailed(this.#native.words(query));
    return words.map((word, place) => ({ word, passages: passages?.[place] ?? 0 }));
  }

  /**
   * The `k` passages with any of the words that score highest. Every word given counts, also where several are one.
   *
   * @param allowed - `[rows]`, one byte each; a row whose byte is 0 is left out
   * @throws PatinaError `INVALID_INPUT` where lengths disagree, `INTEGRITY`, `CLOSED`.
   */
  search(words: readonly string[], k: number, allowed?: Uint8Array): WordMatches {
    return matches(this.#native.search([...words], this.#checkedCount(k), allowed));
  }

  /** The `k` passages in whose body any of the phrases stands, word by word. Throws as {@link search}. */
  searchPhrases(phrases: readonly string[], k: number, allowed?: Uint8Array): WordMatches {
    return matches(this.#native.searchPhrases([...phrases], this.#checkedCount(k), allowed));
  }

  /**
   * Whether a row has every word of a text.
   *
   * @throws PatinaError `INVALID_INPUT` for what is no row, `INTEGRITY`, `CLOSED`.
   */
  hasWords(row: number, text: string): boolean {
    return throwFailed(this.#native.hasWords(checkedRow("hasWords", row), text)).yes;
  }

  /** Lets the file go; twice is fine. */
  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkedCount(k: number): number {
    if (Number.isSafeInteger(k) && k >= 0) return Math.min(k, this.rows);
    throw new PatinaError("INVALID_INPUT", `search: k has to be a whole number from 0, not ${k}`);
  }
}

/**
 * Writes an index: passages that are added, and those of an index that there is, but for rows that are not what they were. The file
 * is the same whichever way its passages came together.
 */
export class FullTextWriter implements Disposable {
  readonly #native: NativeFullTextWriter;

  /**
   * Begins the file `path`, which must not be there.
   *
   * @throws PatinaError `INTEGRITY` naming the base where it is damaged, `INDEX_INCOMPATIBLE` where another version wrote it, `IO`.
   */
  constructor(path: string, base?: FullTextBase) {
    const { NativeFullTextWriter } = loadAddon();
    this.#native = new NativeFullTextWriter();
    throwFailed(this.#native.open(path, base?.path, base?.removedRows ?? new Uint32Array()));
  }

  /**
   * Adds passages, whose rows ascend from one to the next and from call to call, on a thread of its own; one call at a time.
   *
   * @throws PatinaError `INVALID_INPUT` for a row that does not ascend, or that the base has and nobody removed; `IO`, `CLOSED`.
   */
  async add(passages: readonly FullTextPassage[]): Promise<void> {
    const rows = Uint32Array.from(passages, ({ row }) => checkedRow("add", row));
    const headings = passages.map(({ heading }) => heading);
    const bodies = passages.map(({ body }) => body);
    throwFailed(await this.#native.add(rows, headings, bodies));
  }

  /**
   * Writes the file, down to the disk, on a thread of its own. A file that cannot be finished is removed.
   *
   * @param rows - how many rows the index has, those without a passage among them
   * @throws PatinaError `INVALID_INPUT` where a passage has a higher row, `INTEGRITY` naming the base, `IO`, `CLOSED` for a second call.
   */
  async finish(rows: number): Promise<void> {
    throwFailed(await this.#native.finish(checkedRow("finish", rows)));
  }

  /** Forgets what was not finished. */
  [Symbol.dispose](): void {
    this.#native.abandon();
  }
}

/** Words of a query, looked for in texts: what full-text search takes for one of them is one here. */
export class QueryTerms {
  readonly #native: NativeQueryTerms;

  /** @param words - as {@link FullTextIndex.words} gives them */
  constructor(words: readonly string[]) {
    const { NativeQueryTerms } = loadAddon();
    this.#native = new NativeQueryTerms([...words]);
  }

  /** Every occurrence in a text, ascending: a word that is one as a whole before those of its parts, which lie within it. */
  find(text: string): WordOccurrence[] {
    const numbers = this.#native.find(text);
    return Array.from({ length: numbers.length / 3 }, (_, at) => {
      const [start = 0, end = 0, word = 0] = numbers.subarray(3 * at);
      return { start, end, word };
    });
  }
}

/** Which version of what a word is there is: an index that was made with another one does not open. */
export function fullTextWordsVersion(): number {
  return loadAddon().fullTextWordsVersion();
}

/** Rows end where 32 bits do. */
function checkedRow(call: string, row: number): number {
  if (Number.isInteger(row) && row >= 0 && row < 2 ** 32) return row;
  throw new PatinaError(
    "INVALID_INPUT",
    `${call}: a row is a whole number from 0 to ${2 ** 32 - 1}, not ${row}`,
  );
}

function matches(outcome: FullTextMatches): WordMatches {
  const { rows, scores } = throwFailed(outcome);
  if (rows && scores) return { rows, scores };
  throw nothingFound();
}
