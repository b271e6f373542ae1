import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { PatinaError, throwIfAborted } from "@patina/core";
import { EmbeddingCache } from "../cache/embedding-cache.ts";
import type { Passage } from "../sources/passage.ts";
import { buildGeneration, makeDraftDirectory } from "./build-generation.ts";
import { DocumentsWriter } from "./documents-writer.ts";
import { ensureEmbedded } from "./ensure-embedded.ts";
import { currentIfSame, type FactSources, gatherFacts } from "./facts.ts";
import {
  asideDirectory,
  newGenerationId,
  pruneGenerations,
  publishGeneration,
  remove,
  removeLeftovers,
} from "./generations.ts";
import { PassagesDigest, renderPassage, sha256 } from "./identity.ts";
import { prepareLocalDirectory } from "./local-directory.ts";
import { DOCUMENTS } from "./manifest.ts";
import { type OnProgress, ProgressMeter } from "./progress.ts";
import { acquireRunLock } from "./run-lock.ts";

/** Passages between two progress events, and between two returns to the event loop. */
const PASSAGES_AT_ONCE = 500;

/** What {@link indexPassages} needs. */
export interface IndexOptions extends FactSources {
  /** Directory that holds `.patina`. */
  readonly root: string;
  readonly passages: AsyncIterable<Passage> | Iterable<Passage>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told at once of what went wrong and was mended (a damaged cache, say); the report has it too. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** What became of a run. `embedded + fromCache` is the number of distinct texts. */
export interface IndexReport {
  /** Name of the generation that is current now. */
  readonly generation: string;
  /** True when nothing had changed: the generation is the one that was current before. */
  readonly unchanged: boolean;
  readonly passages: number;
  /** Distinct texts that were embedded in this run. */
  readonly embedded: number;
  /** Distinct texts whose vector was there already. */
  readonly fromCache: number;
  /** Passages whose text was longer than the model takes: only the full-text index has their end. */
  readonly truncated: number;
  /** Tokens the model saw in this run. */
  readonly tokens: number;
  readonly seconds: number;
  /** Older generations that were removed. */
  readonly pruned: readonly string[];
  /** What went wrong and was mended. */
  readonly notices: readonly string[];
}

/**
 * Indexes passages: embeds what the cache lacks, builds a generation aside, checks it and makes it current by one
 * rename. Whatever ends it before that leaves the current generation as it was and the cache with all that was
 * embedded. One run at a time per project; another throws `BUSY`.
 */
export async function indexPassages(options: IndexOptions): Promise<IndexReport> {
  const started = performance.now();
  const { root, engine, signal } = options;
  throwIfAborted(signal);
  const facts = await gatherFacts(options);
  const paths = prepareLocalDirectory(root);
  using _lock = acquireRunLock(paths);
  removeLeftovers(paths);
  const notices: string[] = [];
  const notice = (message: string): void => {
    notices.push(message);
    options.onNotice?.(message);
  };
  using cache = new EmbeddingCache(paths.cache, notice);
  const meter = new ProgressMeter(options.onProgress);
  const id = newGenerationId();
  const directory = asideDirectory(paths, id);
  try {
    makeDraftDirectory(directory);
    using documents = new DocumentsWriter(join(directory, DOCUMENTS));
    const passagesDigest = await collect(options, documents, meter);
    const common = { passages: documents.rows, notices };
    const seconds = (): number => (performance.now() - started) / 1_000;

    const same = currentIfSame(paths, facts, passagesDigest, notice);
    if (same !== null) {
      const { texts: fromCache, truncated } = same.counts;
      const nothing = { embedded: 0, fromCache, truncated, tokens: 0, pruned: [] };
      return { ...common, ...nothing, generation: same.id, unchanged: true, seconds: seconds() };
    }
    const scope = { encoderId: engine.encoderId, dimension: engine.dimension };
    const embedded = await ensureEmbedded({ engine, cache, scope, documents, meter, signal });
    const truncated = await buildGeneration({
      ...{ id, directory, facts, passagesDigest, cache, scope, documents, meter, signal },
    });
    throwIfAborted(signal);
    publishGeneration(paths, id);
    const pruned = pruneGenerations(paths, id);
    const fromCache = documents.texts().length - embedded;
    const { tokens } = meter;
    const done = { embedded, fromCache, truncated, tokens, pruned };
    return { ...common, ...done, generation: id, unchanged: false, seconds: seconds() };
  } finally {
    remove(directory);
  }
}

/** Writes every passage as a row; gives the digest over all of them. */
async function collect(
  { passages, passageTemplate, root, signal }: IndexOptions,
  documents: DocumentsWriter,
  meter: ProgressMeter,
): Promise<string> {
  const digest = new PassagesDigest();
  meter.begin("collecting", null);
  for await (const passage of passages) {
    documents.add(passage, sha256(renderPassage(passageTemplate ?? null, passage.text)));
    digest.add(passage);
    if (documents.rows % PASSAGES_AT_ONCE !== 0) continue;
    throwIfAborted(signal);
    meter.at(documents.rows);
    await setImmediate();
  }
  throwIfAborted(signal);
  meter.at(documents.rows);
  if (documents.rows > 0) return digest.digest();
  throw new PatinaError(
    "INVALID_INPUT",
    `there is nothing to index in ${root}: no passage came out of its code, commits and notes. ` +
      "Check `sources` in the recipe, and that the files are tracked by git",
    { file: root },
  );
}
