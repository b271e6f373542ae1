import { COMMIT_MARKS } from "../sources/passage.ts";
import { commitVotes, VOTERS } from "./commit-votes.ts";
import type { FilteredRows } from "./filtered-rows.ts";
import type { SearchFilters } from "./filters.ts";
import { fuse, type RankedList } from "./fusion.ts";
import type { IndexParts } from "./index-parts.ts";
import type { Hit } from "./lists.ts";
import { type RankedDocument, rankDocuments } from "./rank-documents.ts";
import type { ListWeights } from "./weights.ts";

/** What a history may vote for. */
const FILES = ["code", "note"] as const;

/** Passages that each list is asked for; most commits are one, and no list needs to know more commits than that. */
const DEPTH = 2 * VOTERS;

/** Who votes, and for what. */
export interface HistoryRows {
  /** Passages of commits, without merges, bots and mass renames, which say nothing of the files they touch. */
  readonly commits: FilteredRows;
  /** Passages of files; null lets all through. */
  readonly files: FilteredRows | null;
}

/** How the two other lists find commits: those that `rows` lets through, best first. */
export interface CommitSearch {
  readonly fullText: ((rows: FilteredRows, depth: number) => Hit[]) | null;
  readonly vectors: ((rows: FilteredRows, depth: number) => Hit[]) | null;
  readonly weights: ListWeights;
  /** The constant of reciprocal rank fusion. */
  readonly k: number;
}

/**
 * What filters leave of a history: by author and time they choose the commits, by path and kind the files that these vote
 * for. Null where no commit may vote, or for no file.
 */
export function historyRows({ filter }: IndexParts, filters: SearchFilters): HistoryRows | null {
  const { kinds = FILES, paths, author, since, until } = filters;
  const files = FILES.filter((kind) => kinds.includes(kind));
  if (files.length === 0) return null;
  const commits = filter.find({ kinds: ["commit"], hide: COMMIT_MARKS, author, since, until });
  if (commits === null || commits.report?.passages === 0) return null;
  const all = paths === undefined && files.length === FILES.length;
  return { commits, files: all ? null : filter.find({ kinds: files, paths }) };
}

/**
 * Files by the commits that a query finds: the lists are asked for commits alone and fused, as for any search, and the best
 * {@link VOTERS} vote for the files they touched. A commit says in a person's words what a file is for, often in words that
 * the file has not. What that gains is measured in benchmarks/SEARCH.md and told beside the weights.
 *
 * Its documents have no passages: it knows which file, and nothing about where in it.
 */
export function filesByHistory(
  { stored, touched }: IndexParts,
  { commits: rows, files }: HistoryRows,
  { fullText, vectors, weights, k }: CommitSearch,
): RankedDocument[] {
  const lists: RankedList[] = [];
  const add = (list: "full-text" | "vectors", hits: readonly Hit[]): void => {
    lists.push({ list, documents: rankDocuments(stored.place(hits), 1) });
  };
  if (fullText !== null) add("full-text", fullText(rows, DEPTH));
  if (vectors !== null) add("vectors", vectors(rows, DEPTH));
  const commits = fuse(lists, weights, k)
    .slice(0, VOTERS)
    .map(({ document }) => document);
  return commitVotes(touched.of(commits), k)
    .filter(([{ row }]) => files === null || files.allowed[row - 1] === 1)
    .map(([{ document }, score], place) => ({ document, rank: place + 1, score, passages: [] }));
}
