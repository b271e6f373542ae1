import { setImmediate } from "node:timers/promises";
import { type EmbeddingEngine, PatinaError, throwIfAborted } from "@patina/core";
import type { CacheScope, EmbeddingCache } from "../cache/embedding-cache.ts";
import type { DistinctText, DocumentsWriter } from "./documents-writer.ts";
import { embedGroups } from "./embed-groups.ts";
import type { ProgressMeter } from "./progress.ts";

/** Digests that are looked up between two returns to the event loop. */
const LOOKED_UP_AT_ONCE = 1_000;

/** Times that texts are embedded which the cache has lost since, as a damaged file is replaced meanwhile. */
const ROUNDS = 2;

/** What {@link ensureEmbedded} needs. */
export interface EmbedRequest {
  readonly engine: EmbeddingEngine;
  readonly cache: EmbeddingCache;
  readonly scope: CacheScope;
  readonly documents: DocumentsWriter;
  /** Texts that need a vector of their own. */
  readonly texts: readonly DistinctText[];
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
}

/** Embeds every text that the cache lacks; gives the number of texts embedded. */
export async function ensureEmbedded(request: EmbedRequest): Promise<number> {
  const { cache, texts, meter } = request;
  const embedded = new Set<string>();
  for (let round = 0; round <= ROUNDS; round++) {
    const missing = await missingTexts(request, texts);
    for (const { digest } of missing) embedded.add(digest);
    meter.cached = texts.length - embedded.size;
    if (round === 0 || missing.length > 0) meter.begin("embedding", missing.length);
    if (missing.length === 0) return embedded.size;
    await embedGroups(request, missing);
  }
  throw new PatinaError("INTEGRITY", `${cache.file} does not keep what is written to it: check the disk`, {
    file: cache.file,
  });
}

/** Those of `texts` that the cache has no sound embedding of. */
export async function missingTexts(
  { cache, scope, signal }: Pick<EmbedRequest, "cache" | "scope" | "signal">,
  texts: readonly DistinctText[],
): Promise<DistinctText[]> {
  const missing: DistinctText[] = [];
  for (let start = 0; start < texts.length; start += LOOKED_UP_AT_ONCE) {
    throwIfAborted(signal);
    const some = texts.slice(start, start + LOOKED_UP_AT_ONCE);
    const digests = some.map(({ digest }) => digest);
    const lacking = new Set(cache.missing(scope, digests));
    missing.push(...some.filter(({ digest }) => lacking.has(digest)));
    await setImmediate();
  }
  return missing;
}
