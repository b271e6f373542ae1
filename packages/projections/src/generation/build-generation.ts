import { dirname, join } from "node:path";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import type { Draft } from "./draft.ts";
import { syncDirectory, syncFile } from "./durable-files.ts";
import type { GenerationFacts } from "./facts.ts";
import { measureFile } from "./file-digests.ts";
import { writeFullText } from "./full-text-file.ts";
import {
  CODES,
  DOCUMENTS,
  FULL_TEXT,
  GENERATION_FORMAT,
  type Manifest,
  VECTORS,
  writeManifest,
} from "./manifest.ts";
import type { ProgressMeter } from "./progress.ts";
import { checkSample } from "./self-query.ts";
import type { StoredOutcome } from "./stored-documents.ts";
import { writeVectorCodes } from "./vector-codes.ts";
import { writeVectors } from "./vectors-file.ts";
import { verifyGeneration } from "./verify.ts";

/** What {@link buildGeneration} needs. */
export interface BuildRequest {
  readonly id: string;
  readonly draft: Draft;
  readonly facts: GenerationFacts;
  readonly documentsDigest: string;
  /** Name of the generation that a rollback goes to; null where there is none. */
  readonly previous: string | null;
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
}

/** What was built. */
export interface BuiltGeneration {
  readonly manifest: Manifest;
  readonly outcomes: readonly StoredOutcome[];
}

/**
 * Writes vectors, full-text index and manifest down to the disk, then checks all of it as a reader would.
 */
export async function buildGeneration(request: BuildRequest): Promise<BuiltGeneration> {
  const { draft, facts, id, meter, signal } = request;
  const { directory, documents } = draft;
  const vectorsFile = join(directory, VECTORS);
  const documentsFile = join(directory, DOCUMENTS);
  const { added } = documents;
  meter.begin("indexing", 2 * added.length);
  let written = 0;
  await writeVectors({
    ...{ file: vectorsFile, added, cleared: documents.freedRows, kept: draft.kept, before: draft.before },
    ...{ cache: request.cache, scope: request.scope, dimension: facts.dimension, signal },
    onRows(rows) {
      documents.noteVectors(rows);
      written += rows.length;
      meter.at(written);
    },
  });
  const fullTextChecksum = await writeFullText({
    ...{ file: join(directory, FULL_TEXT), base: draft.fullTextBase, documents, signal },
    onRows: (done) => meter.at(added.length + done),
  });
  documents.finish(id);
  const counts = documents.counts();
  const changed = [...added.map(({ row }) => row), ...documents.freedRows];
  const { dimension } = facts;
  await writeVectorCodes({ directory, rows: counts.rows, dimension, changed });
  const outcomes = documents.stored().outcomes();
  documents[Symbol.dispose]();
  syncFile(documentsFile);
  const manifest: Manifest = {
    format: GENERATION_FORMAT,
    id,
    created: new Date().toISOString(),
    ...facts,
    fullTextChecksum,
    normalisation: "l2",
    documentsDigest: request.documentsDigest,
    previous: request.previous,
    counts,
    files: {
      [DOCUMENTS]: measureFile(documentsFile),
      [FULL_TEXT]: measureFile(join(directory, FULL_TEXT)),
      [VECTORS]: measureFile(vectorsFile),
      [CODES]: measureFile(join(directory, CODES)),
    },
  };
  writeManifest(directory, manifest);
  syncDirectory(dirname(vectorsFile));
  syncDirectory(directory);
  verifyGeneration(directory);
  await checkSample({ directory, added, cache: request.cache, scope: request.scope });
  return { manifest, outcomes };
}
