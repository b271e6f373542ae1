import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import { type GenerationFacts, whyUnusable } from "./facts.ts";
import { generationDirectory, readCurrent } from "./generations.ts";
import type { LocalPaths } from "./local-directory.ts";
import { DOCUMENTS, type Manifest, VECTORS } from "./manifest.ts";
import { previousOf } from "./prune-old.ts";
import { StoredDocuments } from "./stored-documents.ts";
import { mapVectors } from "./vectors-file.ts";
import { openDocuments, verifyGeneration } from "./verify.ts";

/** The current generation, sound and open for a new one to be built on. */
export class BaseGeneration implements Disposable {
  readonly manifest: Manifest;
  readonly directory: string;
  readonly stored: StoredDocuments;
  readonly #documents: Database;

  constructor(directory: string, manifest: Manifest) {
    this.manifest = manifest;
    this.directory = directory;
    this.#documents = openDocuments(join(directory, DOCUMENTS), manifest);
    this.stored = new StoredDocuments(this.#documents);
  }

  /** `[rows × dimension]` */
  vectors(): Float32Array {
    const { counts, dimension } = this.manifest;
    return mapVectors(join(this.directory, VECTORS), counts.rows, dimension);
  }

  [Symbol.dispose](): void {
    this.#documents.close();
  }
}

/** What a new generation is built on. */
export interface Basis {
  /** Null where it is built whole. */
  readonly base: BaseGeneration | null;
  /** Why it is built whole; null where it is not. */
  readonly whole: string | null;
  /** The current generation, whether or not it can be built on; where it is damaged, the one before it. */
  readonly previous: string | null;
}

/** Opens the current generation where its rows can be used under `facts`. A damaged one is told to `notice`. */
export function openBase(
  paths: LocalPaths,
  facts: GenerationFacts,
  full: boolean,
  notice: (message: string) => void,
): Basis {
  let current: string | null = null;
  try {
    const previous = readCurrent(paths);
    current = previous;
    if (previous === null) return { base: null, whole: "nothing was indexed before", previous };
    const directory = generationDirectory(paths, previous);
    // What is taken over gets new digests, which would say of damage that all is well.
    const manifest = verifyGeneration(directory);
    const whole = full ? "that was asked for" : whyUnusable(manifest, facts);
    return { base: whole === null ? new BaseGeneration(directory, manifest) : null, whole, previous };
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY") && !isPatinaError(error, "INDEX_INCOMPATIBLE")) throw error;
    notice(`the current index could not be used and is built anew: ${error.message}`);
    // Damaged it is nothing to go back to: the one before it is, and stays. Another version's is sound to that version.
    const previous = current !== null && error.code === "INTEGRITY" ? previousOf(paths, current) : null;
    return { base: null, whole: "the current index could not be used", previous };
  }
}
