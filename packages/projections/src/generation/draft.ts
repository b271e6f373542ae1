import { constants, mkdirSync, renameSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { throwIfAborted } from "@patina/core";
import type { BaseGeneration } from "./base-generation.ts";
import { DocumentsWriter } from "./documents-writer.ts";
import { fileError } from "./durable-files.ts";
import { CODES, DOCUMENTS, FULL_TEXT, VECTORS } from "./manifest.ts";
import type { KeptVector } from "./vectors-file.ts";

/** Documents between two returns to the event loop. */
const DOCUMENTS_AT_ONCE = 100;

/** Above this share of free rows a generation is written anew: they cost space, and time in every search. */
const MOST_FREE = 0.2;

/** Fewer free rows than these cost nothing that anyone could measure. */
const FREE_FLOOR = 100;

/** A generation in the making, in a directory aside: a copy of the one before with changes, or a new one. */
export class Draft implements Disposable {
  readonly directory: string;
  /** Vectors that rows take over, by the digest of their text. */
  readonly kept: Map<string, KeptVector> = new Map();
  /** `[rows × dimension]` of the generation before; null where there is none to take over from. */
  readonly before: Float32Array | null;
  #documents: DocumentsWriter;
  #fullTextBase: string | null;

  private constructor(directory: string, documents: DocumentsWriter, base: BaseGeneration | null) {
    this.directory = directory;
    this.#documents = documents;
    this.before = base?.vectors() ?? null;
    this.#fullTextBase = base === null ? null : join(base.directory, FULL_TEXT);
  }

  /** Makes the directory, with a copy of the base's documents and vectors where there is a base. */
  static async open(directory: string, base: BaseGeneration | null): Promise<Draft> {
    try {
      mkdirSync(directory, { mode: 0o700 });
      mkdirSync(join(directory, dirname(VECTORS)), { mode: 0o700 });
    } catch (error) {
      throw fileError(error, directory, "create");
    }
    const file = join(directory, DOCUMENTS);
    if (base === null) return new Draft(directory, DocumentsWriter.create(file), null);
    const copies = await Promise.allSettled(
      [DOCUMENTS, VECTORS, CODES].map((name) => copy(join(base.directory, name), join(directory, name))),
    );
    // Not before all have ended: whoever hears of the failure removes the directory.
    for (const each of copies) if (each.status === "rejected") throw each.reason;
    const documents = DocumentsWriter.change(file, base.manifest.counts.rows);
    return new Draft(directory, documents, base);
  }

  get documents(): DocumentsWriter {
    return this.#documents;
  }

  /** The full-text index that has the rows that were not changed; null where all are new. */
  get fullTextBase(): string | null {
    return this.#fullTextBase;
  }

  /** Writes all of it into new files where too many rows are free; says whether it did. */
  async compact(signal: AbortSignal | undefined): Promise<boolean> {
    const changed = this.#documents;
    if (changed.freeRows.length <= Math.max(FREE_FLOOR, changed.rows * MOST_FREE)) return false;
    const file = join(this.directory, DOCUMENTS);
    const whole = DocumentsWriter.create(`${file}.whole`);
    this.#documents = whole;
    this.#fullTextBase = null;
    try {
      const stored = changed.stored();
      for (const [number, document] of stored.list().entries()) {
        if (number % DOCUMENTS_AT_ONCE === 0) {
          throwIfAborted(signal);
          await setImmediate();
        }
        const found = stored.passages(document.id);
        // What has a vector by now is of the generation before, and has the same row there.
        for (const { row, digest, origin } of found)
          if (origin !== null) this.kept.set(digest, { row, origin });
        const passages = found.map(({ passage }) => passage);
        whole.add(
          document,
          { ...stored.facts(document), passages },
          found.map(({ digest }) => digest),
        );
      }
    } finally {
      changed[Symbol.dispose]();
    }
    try {
      renameSync(`${file}.whole`, file);
      for (const name of [VECTORS, CODES]) rmSync(join(this.directory, name));
    } catch (error) {
      throw fileError(error, file, "replace");
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.#documents[Symbol.dispose]();
  }
}

/** Shares the blocks where the file system can, and copies them where it cannot. */
async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(error, to, "write");
  }
}
