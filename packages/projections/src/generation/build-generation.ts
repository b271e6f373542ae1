import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import type { DocumentsWriter } from "./documents-writer.ts";
import { fileError, syncDirectory, syncFile } from "./durable-files.ts";
import type { GenerationFacts } from "./facts.ts";
import { measureFile } from "./file-digests.ts";
import { DOCUMENTS, damaged, GENERATION_FORMAT, VECTORS, writeManifest } from "./manifest.ts";
import type { ProgressMeter } from "./progress.ts";
import { writeVectors } from "./vectors-file.ts";
import { verifyGeneration } from "./verify.ts";

/** A generation in the making: its directory aside and what goes into it. */
export interface GenerationDraft {
  readonly id: string;
  readonly directory: string;
  readonly facts: GenerationFacts;
  readonly passagesDigest: string;
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
  readonly documents: DocumentsWriter;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
}

/** Makes the directories of a generation in the making. */
export function makeDraftDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
    mkdirSync(join(directory, dirname(VECTORS)), { mode: 0o700 });
  } catch (error) {
    throw fileError(error, directory, "create");
  }
}

/**
 * Writes vectors, full-text index and manifest down to the disk, then checks all of it as a reader would.
 * Gives the number of passages whose text had been cut.
 */
export async function buildGeneration(draft: GenerationDraft): Promise<number> {
  const { directory, documents, facts, id, meter, signal } = draft;
  const vectorsFile = join(directory, VECTORS);
  const documentsFile = join(directory, DOCUMENTS);
  const { rows } = documents;
  meter.begin("indexing", 2 * rows);
  const written = await writeVectors({
    file: vectorsFile,
    digests: documents.digests,
    cache: draft.cache,
    scope: draft.scope,
    dimension: facts.dimension,
    signal,
    onRows: (done) => meter.at(done),
  });
  await documents.finish(id, signal, (done) => meter.at(rows + done));
  documents[Symbol.dispose]();
  syncFile(documentsFile);

  const vectors = measureFile(vectorsFile);
  if (vectors.sha256 !== written.sha256)
    throw damaged(vectorsFile, "what was read back is not what was written");
  writeManifest(directory, {
    format: GENERATION_FORMAT,
    id,
    created: new Date().toISOString(),
    ...facts,
    normalisation: "l2",
    passagesDigest: draft.passagesDigest,
    counts: {
      passages: rows,
      texts: documents.texts().length,
      truncated: written.truncated,
      duplicates: documents.duplicates,
    },
    files: { [DOCUMENTS]: measureFile(documentsFile), [VECTORS]: vectors },
  });
  syncDirectory(dirname(vectorsFile));
  syncDirectory(directory);
  verifyGeneration(directory);
  return written.truncated;
}
