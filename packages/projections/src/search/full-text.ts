import type { Database, Statement } from "bun:sqlite";
import { queryWords } from "../index/words.ts";
import type { PassageKind } from "../sources/passage.ts";
import type { Hit } from "./hit.ts";

/**
 * BM25 weights of the columns kind, path, title, text. `kind` filters and must not score. A word in a path or a
 * heading says more about a passage than one in its body; the text has its title line as well.
 */
const WEIGHTS = "0, 2, 2, 1";

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

/** Full-text search over the documents of one generation. */
export class FullTextList {
  readonly #count: Statement<{ found: number }>;
  readonly #select: Statement<{ row: number; score: number }>;
  readonly #commonFrom: number;

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

  /** The best passages for the words of `query`; none when it has no word. Higher scores are better. */
  find(query: string, kinds: readonly PassageKind[] | null, limit: number): Hit[] {
    const words = this.#tellingWords(query);
    if (words.length === 0) return [];
    // Quoted, a word is never an operator; a word is letters, digits and `_`, so it holds no quote to end that.
    const anyWord = `{path title text} : (${words.map(quoted).join(" OR ")})`;
    const expression =
      kinds === null ? anyWord : `(kind : (${kinds.map(quoted).join(" OR ")})) AND (${anyWord})`;
    return this.#select.all(expression, limit).map(({ row, score }) => ({ row, score }));
  }

  /** The words that some passage has and that tell passages apart, or all that are found when none does. */
  #tellingWords(query: string): string[] {
    const found = queryWords(query)
      .slice(0, WORDS_LOOKED_AT)
      .map((word) => {
        const expression = `{path title text} : ${quoted(word)}`;
        return { word, passages: this.#count.get(expression, this.#commonFrom + 1)?.found ?? 0 };
      })
      .filter(({ passages }) => passages > 0);
    const telling = found.filter(({ passages }) => passages <= this.#commonFrom);
    return (telling.length > 0 ? telling : found)
      .sort((a, b) => a.passages - b.passages)
      .slice(0, WORDS_LOOKED_FOR)
      .map(({ word }) => word);
  }
}

function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}
