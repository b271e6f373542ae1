import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { fileError } from "../generation/durable-files.ts";
import { localPaths, prepareLocalDirectory } from "../generation/local-directory.ts";
import { type SearchAnswer, sourceOf } from "../search/answer.ts";
import { PASSAGE_KINDS } from "../sources/passage.ts";
import { appendRecord, linesOf, readRecord } from "./private-log.ts";

/** Bytes of a file of remembered searches from which on a new one is begun; the one before it is kept. */
const FULL = 512 * 1024;

const lines = v.nullable(v.tuple([v.number(), v.number()]));
const found = v.strictObject({
  result: v.string(),
  passage: v.string(),
  kind: v.picklist(PASSAGE_KINDS),
  source: v.string(),
  lines,
  rank: v.number(),
});
const search = v.strictObject({
  time: v.string(),
  query: v.string(),
  generation: v.string(),
  encoder: v.string(),
  results: v.array(found),
});

/** A result of a search that is remembered. */
export interface RememberedResult {
  /** Its short name. */
  readonly result: string;
  /** Id of its best passage. */
  readonly passage: string;
  readonly kind: (typeof PASSAGE_KINDS)[number];
  /** Path, or full hash of a commit. */
  readonly source: string;
  readonly lines: readonly [first: number, last: number] | null;
  /** Place among the results, from 1. */
  readonly rank: number;
}

/** A search that is remembered, so that feedback can name its results. */
export interface RememberedSearch {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly query: string;
  readonly generation: string;
  readonly encoder: string;
  readonly results: readonly RememberedResult[];
}

/**
 * Remembers a search in `.patina/local/searches.jsonl`: the newest some thousand results, for the owner alone. A search
 * that found nothing is not remembered.
 *
 * @throws PatinaError `IO` where that cannot be written, as in a read-only checkout.
 */
export function recordSearch(root: string, answer: SearchAnswer): void {
  if (answer.results.length === 0) return;
  prepareLocalDirectory(root);
  const [file, before] = searchFiles(root);
  try {
    if (existsSync(file) && statSync(file).size >= FULL) renameSync(file, before);
  } catch (error) {
    throw fileError(error, file, "put aside");
  }
  const record: RememberedSearch = {
    time: new Date().toISOString(),
    query: answer.query,
    generation: answer.generation,
    encoder: answer.encoder,
    results: answer.results.map((each, index) => ({
      result: each.result,
      passage: each.id,
      kind: each.kind,
      source: sourceOf(each),
      lines: each.startLine === null ? null : [each.startLine, each.endLine ?? each.startLine],
      rank: index + 1,
    })),
  };
  appendRecord(file, record);
}

/**
 * The newest search that has a result of this name, and the result.
 *
 * @throws PatinaError `INVALID_INPUT` where none has.
 */
export function findResult(
  root: string,
  name: string,
): { search: RememberedSearch; result: RememberedResult } {
  const quoted = JSON.stringify(name);
  for (const file of searchFiles(root)) {
    for (const line of linesOf(file).reverse()) {
      if (!line.line.includes(quoted)) continue;
      const record = readRecord(file, line, search);
      const result = record.results.find((each) => each.result === name);
      if (result !== undefined) return { search: record, result };
    }
  }
  const what =
    `no search that is remembered has a result ${quoted}: search again, and take the eight digits behind a result; ` +
    "the newest few thousand results are remembered";
  throw new PatinaError("INVALID_INPUT", what, { key: name });
}

/** The file that is written, and the one before it. */
function searchFiles(root: string): readonly [file: string, before: string] {
  const { directory } = localPaths(root);
  return [join(directory, "searches.jsonl"), join(directory, "searches.before.jsonl")];
}
