import type { FullTextIndex, WordMatches } from "@patina/native";
import { healable } from "../generation/healable.ts";
import type { FilteredRows } from "./filtered-rows.ts";
import type { Hit } from "./lists.ts";

/**
 * A word in more than this share of the passages is left out of a query that has rarer ones: it tells passages hardly
 * apart. nDCG@10 is 0.378, 0.471, 0.752 without them instead of 0.386, 0.472, 0.738 (CoSQA, NL2Bash, MTRAG).
 */
const COMMON_SHARE = 0.2;

/** Below this number of passages no word is common. */
const COMMON_FLOOR = 100;

/** The rarest words are looked for; a page pasted as a query has thousands. */
const WORDS_LOOKED_FOR = 64;

/** What became of the words of a query. */
export interface QueryWords {
  /** Looked for, rarest first. */
  readonly sought: readonly string[];
  /** Left out, since many passages have them and others are rarer. */
  readonly common: readonly string[];
  /** In no passage, or more than are looked for. */
  readonly left: readonly string[];
}

/** Full-text search over the passages of one generation. */
export class FullTextList {
  readonly #index: FullTextIndex;
  readonly #commonFrom: number;

  constructor(index: FullTextIndex) {
    this.#index = index;
    this.#commonFrom = Math.max(COMMON_FLOOR, Math.floor(index.passages * COMMON_SHARE));
  }

  /** The best passages with any of `words`, those that `rows` lets through; none for no words. Higher is better. */
  find(words: readonly string[], rows: FilteredRows | null, limit: number): Hit[] {
    return hits(() => this.#index.search(words, limit, rows?.allowed));
  }

  /** The best passages whose text has one of `phrases`, word by word. */
  findPhrases(phrases: readonly string[], rows: FilteredRows | null, limit: number): Hit[] {
    return hits(() => this.#index.searchPhrases(phrases, limit, rows?.allowed));
  }

  /**
   * The words of a query that some passage has and that tell passages apart, or all that are found when none does. The
   * whole of an identifier is among them beside its parts, and rarer: a passage that has just it comes first.
   */
  words(query: string): QueryWords {
    const all = healable(() => this.#index.words(query));
    const found = all.filter(({ passages }) => passages > 0);
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
    const left = all.map(({ word }) => word).filter((word) => !taken.has(word));
    return { sought, common, left };
  }

  /** Lets the file go; twice is fine. */
  close(): void {
    this.#index.close();
  }
}

function hits(search: () => WordMatches): Hit[] {
  const { rows, scores } = healable(search);
  return Array.from(rows, (row, place) => ({ row: row + 1, score: scores[place] ?? Number.NaN }));
}
