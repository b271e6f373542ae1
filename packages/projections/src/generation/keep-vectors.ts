import type { DistinctText } from "./documents-writer.ts";
import { type EmbedRequest, missingTexts } from "./ensure-embedded.ts";
import type { Leftovers } from "./leftovers.ts";
import type { KeptVector } from "./vectors-file.ts";

/** Texts after those were found that need no vector of their own. */
export interface KeptVectors {
  /** All others. */
  readonly texts: readonly DistinctText[];
  /** Texts that took over the vector of another text with the same body. */
  readonly moved: number;
}

/**
 * Notes in `kept` which new texts take over a vector of the generation before: those that the cache lacks, and that a
 * passage which went had the same text or the same body as. A vector made of the text itself comes before that.
 */
export async function keepVectors(
  request: Pick<EmbedRequest, "cache" | "scope" | "signal" | "documents">,
  kept: Map<string, KeptVector>,
  leftovers: Leftovers,
): Promise<KeptVectors> {
  const { documents } = request;
  const open = documents.texts().filter(({ digest }) => !kept.has(digest));
  if (leftovers.isEmpty) return { texts: open, moved: 0 };
  let moved = 0;
  for (const { digest, row } of await missingTexts(request, open)) {
    const leftover = leftovers.find(documents.passage(row), digest);
    if (leftover === null) continue;
    kept.set(digest, leftover);
    if (leftover.moved) moved++;
  }
  return { texts: open.filter(({ digest }) => !kept.has(digest)), moved };
}
