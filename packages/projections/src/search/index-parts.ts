import type { Database } from "bun:sqlite";
import type { Manifest } from "../generation/manifest.ts";
import type { OpenGeneration } from "../generation/verify.ts";
import { CoChangeList } from "./co-change.ts";
import { RowFilter } from "./filtered-rows.ts";
import { FullTextList } from "./full-text.ts";
import { StoredPassages } from "./stored-passages.ts";
import { TouchedFiles } from "./touched-files.ts";
import { VectorList } from "./vector-list.ts";

/** What answers over one generation is made of. */
export interface IndexParts {
  readonly manifest: Manifest;
  readonly documents: Database;
  readonly fullText: FullTextList;
  readonly vectors: VectorList;
  readonly coChange: CoChangeList;
  readonly touched: TouchedFiles;
  readonly stored: StoredPassages;
  readonly filter: RowFilter;
}

/** Makes the parts of an open generation; `file` is only named in errors. */
export function indexParts(
  { manifest, documents, fullText, vectors }: OpenGeneration,
  file: string,
): IndexParts {
  const { counts } = manifest;
  return {
    manifest,
    documents,
    fullText: new FullTextList(fullText),
    vectors: new VectorList(documents, vectors, counts.rows > counts.passages || counts.duplicates > 0),
    coChange: new CoChangeList(documents),
    touched: new TouchedFiles(documents),
    stored: new StoredPassages(documents, file),
    filter: new RowFilter(documents, counts.rows),
  };
}
