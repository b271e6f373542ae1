import type { Database, Statement } from "bun:sqlite";
import { queryWords } from "../index/words.ts";
import type { FilteredRows } from "./filtered-rows.ts";
import type { Hit } from "./lists.ts";

/**
 * BM25 weights of the columns kind, path, title, text. `kind` filters and must not score. A word in a path or a
 * heading says more about a passage than one in its body; the text has its title line as well. At 4 full-text alone has 0.414 and
 * 0.462 on the two halves of three histories, at 2 0.405 and 0.454 (benchmarks/search/README.md).
 */
const WEIGHTS = "0, 4, 4, 1";

/**
 * A word in more than this share of the passages is left out of a query that has rarer ones. It tells passages
 * hardly apart and costs most of the time: with 100,000 passages and CoSQA's queries 13 ms instead of 25, and nDCG@10
 * 0.378, 0.471, 0.752 instead of 0.386, 0.472, 0.738 (CoSQA, NL2Bash, MTRAG).
 */
const COMMON_SHARE = 0.2;

/** Below this number of passages no word is common enough to cost anything. */
const COMMON_FLOOR = 100;

/** Distinct words of a query that are looked at, the first ones: counting a word takes some 0.1 ms. */
const WORDS_LOOKED_AT = 512;

/** The rarest of those are looked for; a page pasted as a query would take seconds otherwise. */
const WORDS_LOOKED_FOR = 64;

/** Words whose numbers of passages are remembered. */
const WORDS_REMEMBERED = 20_000;

/** What became of the words of a query. */
export interface QueryWords {
  /** Looked for, rarest first. */
  readonly sought: readonly string[];
  /** Left out, since many passages have them and others are rarer. */
  readonly common: readonly string[];
  /** In no passage, or more than are looked for. */
  readonly left: readonly string[];
}

/** Full-text search over the documents of one generation. */
export class FullTextList {
  readonly #count: Statement<{ found: number }>;
  readonly #select: Statement<{ row: number; score: number }>;
  readonly #commonFrom: number;
  readonly #counts: Map<string, number> = new Map();

  constructor(documents: Database, passages: number) {
    this.#commonFrom = Math.max(COMMON_FLOOR, Math.floor(passages * COMMON_SHARE));
    this.#count = documents.query(
      "SELECT count(*) AS found FROM (SELECT 1 FROM full_text WHERE full_text MATCH ? LIMIT ?)",
    );
    this.#select = documents.query(
      `SELECT rowid AS row, -bm25(full_text, ${WEIGHTS}) AS score FROM full_text
       WHERE full_text MATCH ? ORDER BY score DESC, rowid LIMIT ?`,
    );
  }

  /** The best passages with any of `words`, those that `rows` lets through; none for no words. Higher is better. */
  find(words: readonly string[], rows: FilteredRows | null, limit: number): Hit[] {
    if (words.length === 0) return [];
    return this.#best(`{path title text} : (${words.map(quoted).join(" OR ")})`, rows, limit);
  }

  /** The best passages whose text has one of `phrases`, word by word. */
  findPhrases(phrases: readonly string[], rows: FilteredRows | null, limit: number): Hit[] {
    return this.#best(`text : (${phrases.map(quoted).join(" OR ")})`, rows, limit);
  }

  /**
   * The words of a query that some passage has and that tell passages apart, or all that are found when none does. The
   * whole of an identifier is among them beside its parts, and rarer: a passage that has just it comes first.
   */
  words(query: string): QueryWords {
    const all = queryWords(query);
    const counted = all
      .slice(0, WORDS_LOOKED_AT)
      .map((word) => ({ word, passages: this.#passagesWith(word) }));
    const found = counted.filter(({ passages }) => passages > 0);
    const telling = found.filter(({ passages }) => passages <= this.#commonFrom);
    const sought = (telling.length > 0 ? telling : found)
      .sort((a, b) => a.passages - b.passages)
      .slice(0, WORDS_LOOKED_FOR)
      .map(({ word }) => word);
    const taken = new Set(sought);
    const common = found
      .filter(({ word, passages }) => passages > this.#commonFrom && !taken.has(word))
      .map(({ word }) => word);
    for (const word of common) taken.add(word);
    return { sought, common, left: all.filter((word) => !taken.has(word)) };
  }

  /** How many passages have a word; where it is common, only that it is. */
  #passagesWith(word: string): number {
    const known = this.#counts.get(word);
    if (known !== undefined) return known;
    const found = this.#count.get(`{path title text} : ${quoted(word)}`, this.#commonFrom + 1)?.found ?? 0;
    if (this.#counts.size === WORDS_REMEMBERED) this.#counts.clear();
    this.#counts.set(word, found);
    return found;
  }

  #best(anyOf: string, rows: FilteredRows | null, limit: number): Hit[] {
    if (rows === null) return this.#select.all(anyOf, limit).map(({ row, score }) => ({ row, score }));
    const kinds = rows.kinds?.map(quoted).join(" OR ");
    const expression = kinds === undefined ? anyOf : `(kind : (${kinds})) AND (${anyOf})`;
    const hits: Hit[] = [];
    // No limit in SQL: how many places are passed over is known only on the way.
    for (const { row, score } of this.#select.iterate(expression, -1)) {
      if (rows.allowed[row - 1] === 1 && hits.push({ row, score }) === limit) break;
    }
    return hits;
  }
}

function quoted(word: string): string {
  // Quoted, a word is never an operator.
  return `"${word.replaceAll('"', '""')}"`;
}
