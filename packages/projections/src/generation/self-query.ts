import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { type FullTextIndex, normalize, type VectorIndex } from "@patina/native";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import type { NewRow } from "./documents-writer.ts";
import { DOCUMENTS, damaged, FULL_TEXT, type Manifest, readManifest, VECTORS } from "./manifest.ts";
import { databaseError } from "./sqlite-errors.ts";
import { openVectors } from "./vector-codes.ts";
import { firstUnsoundRow, mapVectors } from "./vectors-file.ts";
import { openDocuments, openFullText, REMEDY } from "./verify.ts";

/** Passages that have to find themselves: of those a run added, and of all. Each costs a pass over all vectors. */
const SAMPLE = { added: 4, all: 4 };

/** How far two float32 sums of the same products may be apart, whatever order they are added in. */
const ROUNDING = 1e-5;

/** What {@link checkSample} needs. */
export interface SampleRequest {
  readonly directory: string;
  readonly added: readonly NewRow[];
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
}

/**
 * Checks that the vectors a run wrote are of unit length, and that a sample of passages find themselves: first by the
 * vector that the cache has for their text, which no other row may be nearer to, and among the answers by their own
 * words. Full-text is not asked for the first place: a shorter text with the same words has every right to it.
 */
export async function checkSample({ directory, added, cache, scope }: SampleRequest): Promise<void> {
  const manifest = readManifest(directory);
  const { dimension, counts } = manifest;
  const vectorsFile = join(directory, VECTORS);
  const unsound = firstUnsoundRow(mapVectors(vectorsFile, counts.rows, dimension), dimension, rowsOf(added));
  if (unsound !== null) throw damaged(vectorsFile, `row ${unsound} is no unit vector`);
  const documentsFile = join(directory, DOCUMENTS);
  const documents = openDocuments(documentsFile, manifest);
  try {
    using vectors = openVectors(directory, manifest);
    using fullText = openFullText(directory, manifest);
    for (const row of sampleRows(documents, manifest, added)) {
      const vector = vectorOf(row, { documents, cache, scope, dimension });
      if (vector !== null && !(await isNearest(row, vector, vectors))) {
        throw damaged(vectorsFile, `the passage of row ${row} does not find itself`);
      }
      if (!hasOwnWords(row, documents, fullText)) {
        throw damaged(join(directory, FULL_TEXT), `the passage of row ${row} is not found by its own words`);
      }
    }
  } catch (error) {
    throw databaseError(error, documentsFile, REMEDY);
  } finally {
    documents.close();
  }
}

function* rowsOf(added: readonly NewRow[]): Generator<number> {
  for (const { row } of added) yield row;
}

/** Chosen by the generation's name, so that a check can be repeated. */
function sampleRows(documents: Database, { id, counts }: Manifest, added: readonly NewRow[]): Set<number> {
  let seed = Bun.hash.xxHash3(id);
  const random = (below: number): number => {
    seed = Bun.hash.xxHash3(seed.toString());
    return Number(seed % BigInt(below));
  };
  const rows = new Set<number>();
  for (let count = 0; count < SAMPLE.added && added.length > 0; count++) {
    rows.add((added[random(added.length)] as NewRow).row);
  }
  // The next row that is not free; small, as a primary key's neighbours are.
  const next = documents.query<{ row: number }, [number]>(
    "SELECT row FROM passages WHERE row >= ? ORDER BY row LIMIT 1",
  );
  for (let count = 0; count < SAMPLE.all; count++) {
    const found = next.get(1 + random(counts.rows));
    if (found !== null) rows.add(found.row);
  }
  return rows;
}

/** The vector that the cache has for what a row's vector was made of; null where the cache has lost it. */
function vectorOf(
  row: number,
  {
    documents,
    cache,
    scope,
    dimension,
  }: Pick<SampleRequest, "cache" | "scope"> & { documents: Database; dimension: number },
): Float32Array | null {
  const found = documents
    .query<{ digest: string }, [number]>(
      "SELECT lower(hex(text_digest)) AS digest FROM vectors WHERE row = ?",
    )
    .get(row);
  const [embedding] = cache.get(scope, [found?.digest ?? ""]);
  if (embedding === undefined || embedding === null) return null;
  const vector = embedding.vector.slice(0, dimension);
  normalize(vector);
  return vector;
}

async function isNearest(row: number, vector: Float32Array, vectors: VectorIndex): Promise<boolean> {
  const [best] = (await vectors.search(vector, 1)).scores;
  const [own] = await vectors.score(vector, Uint32Array.of(row - 1));
  return best !== undefined && own !== undefined && own >= best - ROUNDING && own >= 1 - ROUNDING;
}

function hasOwnWords(row: number, documents: Database, fullText: FullTextIndex): boolean {
  const passage = documents
    .query<{ text: string }, [number]>("SELECT text FROM passages WHERE row = ?")
    .get(row);
  return passage !== null && fullText.hasWords(row - 1, passage.text);
}
