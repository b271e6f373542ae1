import { type EmbeddingEngine, PatinaError } from "@patina/core";
import type { SearchFilters } from "./filters.ts";
import { RRF_K } from "./fusion.ts";
import type { ListWeights, RelatedWeights } from "./weights.ts";

/** Results of a search that asks for no number. */
export const DEFAULT_LIMIT = 10;

/** Most results of one search. */
export const MAX_LIMIT = 1_000;

/** Options of a search. */
export interface SearchOptions {
  /** Embeds the query; must be the model that made the index. Needed unless `vectors` weighs 0. */
  readonly engine?: EmbeddingEngine | undefined;
  /** Default {@link DEFAULT_LIMIT}. */
  readonly limit?: number | undefined;
  /** Only what these let through; default all. */
  readonly filters?: SearchFilters | undefined;
  /** The engine's passage template, to be held against the index's; not compared when absent. */
  readonly passageTemplate?: string | null | undefined;
  /**
   * What each list counts for in the fusion; one of weight 0 is not asked, and `history` where a search is for other kinds
   * than code and notes, or for what is like a place. Default: as the index was built.
   */
  readonly weights?: ListWeights | undefined;
  /** The constant of reciprocal rank fusion. Default {@link RRF_K}. */
  readonly k?: number | undefined;
  /** How many of a document's best passages a list adds up to rank it. Default 1: the best alone. */
  readonly passagesPerDocument?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of a search for what belongs with a file. It takes no engine: the file's own vectors are in the index. */
export interface RelatedOptions extends Pick<SearchOptions, "limit" | "filters" | "k"> {
  /** What each list counts for; one of weight 0 is not asked. Default 1 each. */
  readonly weights?: RelatedWeights | undefined;
}

/** The numbers of {@link SearchOptions}, defaults filled in. */
export type CheckedOptions = Readonly<Record<"limit" | "passagesPerDocument" | "k", number>>;

/** Checks what the query and the numbers of {@link SearchOptions} can say wrongly, and fills defaults in. */
export function checkedOptions(
  query: string,
  options: Pick<SearchOptions, "limit" | "passagesPerDocument" | "k">,
): CheckedOptions {
  const { limit = DEFAULT_LIMIT, passagesPerDocument = 1, k = RRF_K } = options;
  if (query.trim() === "") throw new PatinaError("INVALID_INPUT", "the query is empty: say what to look for");
  whole("limit", limit, MAX_LIMIT);
  whole("passagesPerDocument", passagesPerDocument, MAX_LIMIT);
  if (!(Number.isFinite(k) && k >= 0))
    throw new PatinaError("INVALID_INPUT", `\`k\` is a number from 0, not ${k}`, { key: "k" });
  return { limit, passagesPerDocument, k };
}

function whole(key: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new PatinaError("INVALID_INPUT", `\`${key}\` is a whole number from 1 to ${most}, not ${value}`, {
    key,
  });
}
