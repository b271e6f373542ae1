import { throwIfAborted } from "@patina/core";
import { FullTextIndex, type FullTextPassage, FullTextWriter } from "@patina/native";
import type { DocumentsWriter } from "./documents-writer.ts";

/** Passages that are handed over at once; between two such calls Ctrl-C is heard. */
const ROWS_AT_ONCE = 1_000;

/** What {@link writeFullText} needs. */
export interface FullTextRequest {
  readonly file: string;
  /** The index of the generation whose documents were changed; null where they were written anew. */
  readonly base: string | null;
  readonly documents: DocumentsWriter;
  readonly signal: AbortSignal | undefined;
  /** Told how many of the new passages are in. */
  onRows(done: number): void;
}

/**
 * Writes the full-text index of a generation in the making, down to the disk: what the base has, and what changed. Gives its
 * checksum.
 */
export async function writeFullText(request: FullTextRequest): Promise<number> {
  const { file, base, documents, signal, onRows } = request;
  const { added, rows } = documents;
  const changed = [...added.map(({ row }) => row), ...documents.freedRows];
  const removedRows = Uint32Array.from(changed, (row) => row - 1);
  using writer = new FullTextWriter(file, base === null ? undefined : { path: base, removedRows });
  for (let done = 0; done < added.length; ) {
    throwIfAborted(signal);
    const some = added.slice(done, done + ROWS_AT_ONCE);
    await writer.add(some.map(({ row }) => indexed(row, documents)));
    done += some.length;
    onRows(done);
  }
  await writer.finish(rows);
  using index = new FullTextIndex(file);
  return index.checksum;
}

/** Path and title are the heading, whose words say more about a passage; its text has the title's words as well. */
function indexed(row: number, documents: DocumentsWriter): FullTextPassage {
  const { path, title, text } = documents.passage(row);
  return { row: row - 1, heading: `${path ?? ""}\n${title}`, body: text };
}
