import { nearest } from "@patina/core";
import type { ModelEntry } from "./model-entry.ts";

/** A model that fits what was searched for. */
export interface SearchHit {
  readonly entry: ModelEntry;
  /** How well, above 0; only its order means something. */
  readonly score: number;
}

/** What a search found. */
export interface SearchReport {
  /** The best first; equally good ones by key. */
  readonly hits: readonly SearchHit[];
  /** The nearest key or alias, where nothing was found and one is near. */
  readonly suggestion?: string;
}

/** Points for a word, by how and where it fits. Being called so outweighs any number of words in a description. */
const POINTS = { exact: 100, beginning: 50, inside: 25, fact: 10, description: 5, nearMiss: 1 } as const;

/** Shorter words are near to too many others. */
const SHORTEST_NEAR_MISS = 4;

/**
 * The models that fit every word: by key, alias or name (whole, its beginning, a part of it), by a fact (licence,
 * architecture, runtime, dimension) or by the description. Only where none does, words count as slips of the pen.
 */
export function searchModels(models: readonly ModelEntry[], text: string): SearchReport {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fitting = rank(models, words, pointsOf);
  const hits = fitting.length > 0 ? fitting : rank(models, words, pointsOfNearMiss);
  if (hits.length > 0) return { hits };
  const suggestion = nearest(
    words.join("-"),
    models.flatMap(({ key, aliases }) => [key, ...aliases]),
  );
  return { hits, ...(suggestion === undefined ? {} : { suggestion }) };
}

type Judge = (entry: ModelEntry, word: string) => number;

function rank(models: readonly ModelEntry[], words: readonly string[], judge: Judge): SearchHit[] {
  return models
    .map((entry) => {
      const points = words.map((word) => judge(entry, word));
      // A word that does not fit counts for more than any that do.
      return { entry, score: points.includes(0) ? 0 : points.reduce((sum, each) => sum + each, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.entry.key < b.entry.key ? -1 : 1));
}

function pointsOf(entry: ModelEntry, word: string): number {
  const names = namesOf(entry);
  if (names.includes(word)) return POINTS.exact;
  if (names.some((name) => name.startsWith(word))) return POINTS.beginning;
  if (names.some((name) => name.includes(word))) return POINTS.inside;
  if (facts(entry).includes(word)) return POINTS.fact;
  return entry.description.toLowerCase().includes(word) ? POINTS.description : 0;
}

function pointsOfNearMiss(entry: ModelEntry, word: string): number {
  const points = pointsOf(entry, word);
  if (points > 0 || word.length < SHORTEST_NEAR_MISS) return points;
  const texts = [...namesOf(entry), entry.description.toLowerCase()];
  const parts = texts.flatMap((text) => [text, ...text.split(/[^a-z0-9]+/)]);
  return nearest(word, parts) === undefined ? 0 : POINTS.nearMiss;
}

function namesOf({ key, aliases, name }: ModelEntry): string[] {
  return [key, ...aliases, name].map((each) => each.toLowerCase());
}

/** Licences are searched for by family as well: `apache` finds Apache-2.0. */
function facts({ license, architecture, runtimes, dimension }: ModelEntry): string[] {
  const licence = license.toLowerCase();
  return [licence, ...licence.split("-"), architecture, ...runtimes, String(dimension)];
}
