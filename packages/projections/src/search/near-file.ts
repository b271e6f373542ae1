import type { Hit } from "./lists.ts";
import type { StoredPassages } from "./stored-passages.ts";
import type { VectorList } from "./vector-list.ts";

/** Passages of a file that are looked around: more of them are chosen evenly over the file. */
const OWN_PASSAGES = 16;

/** Nearest passages that are looked at around each. */
const NEIGHBOURS = 100;

/**
 * The passages nearest to those of a file. A document is worth the mean, over the file's passages, of its nearest
 * cosine to each (0 where it is not among the nearest): what lies near to much of a file comes before what has one
 * passage, a licence say, in common with it. Each document is given by the passage that was nearest.
 *
 * @param own rows of the file's passages
 * @param allowed a byte a row: 0 for the file's own and for what filters leave out
 */
export function nearFile(
  own: readonly number[],
  allowed: Uint8Array,
  vectors: VectorList,
  stored: StoredPassages,
): Hit[] {
  const step = Math.max(1, own.length / OWN_PASSAGES);
  const chosen = Array.from(
    { length: Math.min(own.length, OWN_PASSAGES) },
    (_, at) => own[Math.floor(at * step)],
  );
  const found = new Map<number, { row: number; best: number; sum: number }>();
  for (const row of chosen) {
    if (row === undefined) continue;
    const seen = new Set<number>();
    for (const hit of stored.place(vectors.find(vectors.vector(row), allowed, NEIGHBOURS))) {
      if (seen.has(hit.document)) continue;
      seen.add(hit.document);
      const known = found.get(hit.document) ?? { row: hit.row, best: hit.score, sum: 0 };
      known.sum += hit.score;
      if (hit.score > known.best) [known.row, known.best] = [hit.row, hit.score];
      found.set(hit.document, known);
    }
  }
  return [...found.values()]
    .map(({ row, sum }) => ({ row, score: sum / chosen.length }))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}
