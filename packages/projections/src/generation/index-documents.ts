import { PatinaError, throwIfAborted } from "@patina/core";
import { EmbeddingCache } from "../cache/embedding-cache.ts";
import type { SourceDocument } from "../sources/document.ts";
import { openBase } from "./base-generation.ts";
import { buildGeneration } from "./build-generation.ts";
import { collectChanges } from "./collect-changes.ts";
import { Draft } from "./draft.ts";
import { ensureEmbedded } from "./ensure-embedded.ts";
import { type FactSources, gatherFacts, hasFacts } from "./facts.ts";
import {
  asideDirectory,
  newGenerationId,
  publishGeneration,
  remove,
  removeLeftovers,
} from "./generations.ts";
import { renderPassage, sha256 } from "./identity.ts";
import { keepVectors } from "./keep-vectors.ts";
import { prepareLocalDirectory } from "./local-directory.ts";
import { type OnProgress, ProgressMeter } from "./progress.ts";
import { pruneOld } from "./prune-old.ts";
import { acquireRunLock } from "./run-lock.ts";
import type { StoredOutcome } from "./stored-documents.ts";

/** What {@link indexDocuments} needs. */
export interface IndexOptions extends FactSources {
  /** Directory that holds `.patina`. */
  readonly root: string;
  /** Everything that the index is to hold: what is not among them any more goes. */
  readonly documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>;
  /**
   * Reads and indexes every document anew, whatever the generation before has. Embeddings come from the cache all the same,
   * which knows them by encoder and text; but a renamed file's passages are embedded under their new name. Default false.
   */
  readonly full?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told at once of what went wrong and was mended (a damaged cache, say); the report has it too. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** What became of a run. `embedded + moved + fromCache` is the number of distinct texts. */
export interface IndexReport {
  /** Name of the generation that is current now. */
  readonly generation: string;
  /** True when nothing had changed: the generation is the one that was current before. */
  readonly unchanged: boolean;
  /** Why the generation was built whole; null when it is the one before with what changed. */
  readonly whole: string | null;
  readonly documents: {
    /** New and changed ones, which were read. */
    readonly read: number;
    /** Those that had not changed. */
    readonly kept: number;
    /** Those that are gone. */
    readonly removed: number;
  };
  readonly passages: number;
  /** Distinct texts that were embedded in this run. */
  readonly embedded: number;
  /** Distinct texts that took over the vector of a passage with the same body, as a renamed file's do. */
  readonly moved: number;
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

/** An {@link IndexReport}, and what became of each document of the generation. */
export interface IndexResult {
  readonly report: IndexReport;
  readonly outcomes: readonly StoredOutcome[];
}

/**
 * Indexes documents: reads those that changed since the current generation, embeds what neither it nor the cache has,
 * builds a generation aside, checks it and makes it current by one rename. Whatever ends it before that leaves the
 * current generation as it was and the cache with all that was embedded. One run at a time per project; another throws
 * `BUSY`.
 */
export async function indexDocuments(options: IndexOptions): Promise<IndexResult> {
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
  const { base, whole, previous } = openBase(paths, facts, options.full === true, notice);
  using _base = base ?? undefined;
  const id = newGenerationId();
  const directory = asideDirectory(paths, id);
  let draft: Draft | undefined;
  const openDraft = async (): Promise<Draft> => {
    draft ??= await Draft.open(directory, base);
    return draft;
  };
  try {
    meter.begin("collecting", null);
    const changes = await collectChanges({
      documents: options.documents,
      ...{ base, openDraft, signal },
      digestOf: (text) => sha256(renderPassage(options.passageTemplate ?? null, text)),
      onPassages: (read) => meter.at(read),
    });
    const { read, kept, removed } = changes;
    const common = { documents: { read, kept, removed }, notices };
    const seconds = (): number => (performance.now() - started) / 1_000;

    if (base !== null && draft === undefined && hasFacts(base.manifest, facts)) {
      const { texts: fromCache, truncated, passages } = base.manifest.counts;
      const nothing = { embedded: 0, moved: 0, fromCache, truncated, tokens: 0, pruned: [], whole: null };
      const report = { ...common, ...nothing, passages, generation: base.manifest.id, unchanged: true };
      return { report: { ...report, seconds: seconds() }, outcomes: base.stored.outcomes() };
    }
    const made = await openDraft();
    const compacted = base !== null && (await made.compact(signal));
    if (made.documents.isEmpty) throw nothingToIndex(root);
    const scope = { encoderId: engine.encoderId, dimension: engine.dimension };
    const work = { engine, cache, scope, documents: made.documents, meter, signal };
    const { texts, moved } = await keepVectors(work, made.kept, changes.leftovers);
    const embedded = await ensureEmbedded({ ...work, texts });
    const { documentsDigest } = changes;
    const { manifest, outcomes } = await buildGeneration({
      ...{ id, draft: made, facts, documentsDigest, previous, cache, scope, meter, signal },
    });
    throwIfAborted(signal);
    publishGeneration(paths, id);
    const { passages, texts: all, truncated } = manifest.counts;
    const report = {
      ...{ ...common, generation: id, unchanged: false, passages, embedded, moved, truncated },
      fromCache: all - embedded - moved,
      whole: compacted ? "too many of its rows were free" : whole,
      tokens: meter.tokens,
      pruned: pruneOld(paths, id),
      seconds: seconds(),
    };
    return { report, outcomes };
  } finally {
    draft?.[Symbol.dispose]();
    remove(directory);
  }
}

function nothingToIndex(root: string): PatinaError {
  return new PatinaError(
    "INVALID_INPUT",
    `there is nothing to index in ${root}: no passage came out of its code, commits and notes. ` +
      "Check `sources` in the recipe, and that the files are tracked by git",
    { file: root },
  );
}
