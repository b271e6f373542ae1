import type { Passage } from "../sources/passage.ts";
import type { FilterReport } from "./filtered-rows.ts";
import type { QueryWords } from "./full-text.ts";
import { type FusedDocument, type FusedPassage, fuse, type RankedList } from "./fusion.ts";
import type { IndexParts } from "./index-parts.ts";
import type { ListName, ListVote } from "./lists.ts";
import { resultId } from "./result-id.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { StoredPassages } from "./stored-passages.ts";
import { leadOf, type WeightsSource } from "./weights.ts";

/** Passages that a result shows beside its best one. */
const FURTHER_PASSAGES = 3;

/** A passage that was found beside the best one of its document. */
export interface FurtherPassage extends Passage {
  /** Its places among the passages of each list. */
  readonly why: readonly ListVote[];
}

/** A document that was found: its best passage, and what each list thought of the document. */
export interface SearchResult extends Passage {
  /** Short name, for feedback: the same query that finds the same passage gives the same one. */
  readonly result: string;
  /** Of the fusion; only its order within one search means anything. */
  readonly score: number;
  readonly why: readonly ListVote[];
  /** Other passages of the document, best first. */
  readonly further: readonly FurtherPassage[];
  /** Paths and commits of other documents that were found by the same text. */
  readonly alsoIn: readonly string[];
}

/** How many passages, and how many documents, a list brought; history brings documents alone. */
export interface ListReport {
  readonly list: ListName;
  readonly passages: number;
  readonly documents: number;
}

/** What a search found and how it came to it. */
export interface SearchAnswer {
  /** What was asked: the query, `like PATH:LINES`, or `file PATH`. */
  readonly query: string;
  /** Name of the generation that answered. */
  readonly generation: string;
  /** Identity of the encoder that made its vectors. */
  readonly encoder: string;
  readonly results: readonly SearchResult[];
  /** What each list counted for. */
  readonly weights: Readonly<Partial<Record<ListName, number>>>;
  /** Who chose the weights. */
  readonly weightsFrom: WeightsSource | "options";
  /** The list that counted for most; null where several did. */
  readonly lead: ListName | null;
  readonly lists: readonly ListReport[];
  /** What became of the query's words; null where full-text was not asked. */
  readonly words: QueryWords | null;
  /** Whether the query was longer than the model takes, so that vectors know its beginning only. */
  readonly truncated: boolean;
  /** What the filters let through; null without filters. */
  readonly filtered: FilterReport | null;
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** How lists become results. */
export interface Fusion {
  readonly query: string;
  readonly lists: readonly RankedList[];
  readonly weights: SearchAnswer["weights"];
  readonly k: number;
  readonly limit: number;
}

/** A fusion, and what the answer says of how its lists came about. */
export type AnswerRequest = Fusion & Pick<SearchAnswer, "weightsFrom" | "words" | "truncated" | "filtered">;

/** Fuses the lists, the last stage of `watch`, and makes the answer. */
export function answerOf(
  { manifest, stored }: Pick<IndexParts, "manifest" | "stored">,
  watch: Stopwatch,
  { lists, k, limit, ...told }: AnswerRequest,
): SearchAnswer {
  const { query, weights } = told;
  const results = resultsOf({ query, lists, weights, k, limit }, stored);
  watch.lap("fusion");
  return {
    ...told,
    generation: manifest.id,
    encoder: manifest.encoderId,
    results,
    lead: leadOf(weights),
    lists: listReports(lists),
    timings: watch.laps,
  };
}

/** How much each list brought. */
function listReports(lists: readonly RankedList[]): ListReport[] {
  return lists.map(({ list, documents }) => ({
    list,
    passages: documents.reduce((sum, { passages }) => sum + passages.length, 0),
    documents: documents.length,
  }));
}

/**
 * The best documents of all lists, each with its best passages, its first where history alone found it. A text that several documents have is told once: with
 * the first of them, which names the others.
 */
function resultsOf({ query, lists, weights, k, limit }: Fusion, stored: StoredPassages): SearchResult[] {
  const byText = new Map<string, { best: FusedPassage; fused: FusedDocument; alsoIn: string[] }>();
  for (const fused of fuse(lists, weights, k)) {
    const [found] = fused.passages;
    const best = found ?? { row: stored.firstOf(fused.document), why: [] };
    // Files that history alone found begin alike, with a licence say, and are not the same text for that.
    const text = found === undefined ? `document ${fused.document}` : stored.textOf(found.row);
    const known = byText.get(text);
    if (known !== undefined) known.alsoIn.push(sourceOf(stored.read(best.row)));
    else if (byText.size < limit) byText.set(text, { best, fused, alsoIn: [] });
  }
  return [...byText.values()].map(({ best, fused: { score, why, passages }, alsoIn }) => {
    const passage = stored.read(best.row);
    const further = passages
      .slice(1, 1 + FURTHER_PASSAGES)
      .map(({ row, why }) => ({ ...stored.read(row), why }));
    return { result: resultId(query, passage.id), ...passage, score, why, further, alsoIn };
  });
}

/** The path or the commit of a passage. */
export function sourceOf({ path, commit, title }: Passage): string {
  return path ?? commit ?? title;
}
