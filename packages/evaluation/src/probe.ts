import { createHash } from "node:crypto";
import { collectDocuments, measureByCharacters, type Recipe } from "@patina/projections";

/** Passages that are taken of a project unless the caller says otherwise: enough for a parity, seconds on a small model. */
export const PROBE_PASSAGES = 200;

/** Queries at most, and the words each has. */
const QUERIES = 40;
const QUERY_WORDS = 8;

/** Where a probe set of a project's passages comes from. */
export interface ProjectProbeOptions {
  /** A directory of the repository's working tree. */
  readonly root: string;
  readonly recipe: Recipe;
  /** Tokens that the model reads. */
  readonly maxTokens: number;
  /** Default {@link PROBE_PASSAGES}. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Told of the passages read so far. */
  readonly onPassages?: (passages: number) => void;
}

/** Passages out of a project. */
export interface ProjectProbe {
  readonly texts: readonly string[];
  /** Passages the project has in all. */
  readonly passages: number;
}

/**
 * The passages whose ids, which are digests, come first: the same for the same working tree and history, and of every
 * part of it. One passage more than `limit` is in memory at most.
 */
export async function projectProbe(options: ProjectProbeOptions): Promise<ProjectProbe> {
  const { root, recipe, maxTokens, limit = PROBE_PASSAGES, signal, onPassages } = options;
  const first: { id: string; text: string }[] = [];
  let total = 0;
  for await (const document of collectDocuments({
    root,
    recipe,
    measure: measureByCharacters(maxTokens),
    signal,
  })) {
    const { passages } = await document.read();
    for (const { id, text } of passages) {
      const place = first.findIndex((other) => id < other.id);
      first.splice(place === -1 ? first.length : place, 0, { id, text });
      if (first.length > limit) first.pop();
    }
    total += passages.length;
    onPassages?.(total);
  }
  return { texts: first.map(({ text }) => text), passages: total };
}

/** Short texts to ask one by one: the first words of texts from all over the set, at most 40. */
export function probeQueries(texts: readonly string[]): string[] {
  const count = Math.min(QUERIES, texts.length);
  return Array.from({ length: count }, (_, query) => {
    const text = texts[Math.floor((query * texts.length) / count)] as string;
    return text.trim().split(/\s+/).slice(0, QUERY_WORDS).join(" ");
  });
}

/** SHA-256 (hex) over the texts and their order: the name of a probe set. */
export function probeDigest(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
}
