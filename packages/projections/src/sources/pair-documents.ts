import { PatinaError } from "@patina/core";
import { type Cutting, cutText } from "./cut-text.ts";
import { decodeText } from "./decode.ts";
import { digestOf } from "./digest.ts";
import type { ReadDocument, SourceDocument } from "./document.ts";
import { type Pair, parsePairs } from "./pair-lines.ts";
import type { Passage } from "./passage.ts";
import { redactSecrets } from "./redact.ts";
import type { Tree } from "./tracked.ts";

/** Written by people or exported from what they asked: some ten thousand pairs. */
const MAX_PAIRS_BYTES = 16 * 1024 * 1024;

/**
 * Every line of the recipe's files of pairs as a document. The files are small and read as a whole, each time.
 *
 * @throws INVALID_INPUT for lines that are no pairs; IO for a file that is there and cannot be read
 */
export async function pairDocuments(
  tree: Tree,
  files: readonly string[],
  cutting: string,
  how: Cutting,
): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  for (const file of new Set(files)) {
    const read = await tree.read(file, MAX_PAIRS_BYTES);
    if (read.kind === "skipped" && (read.reason === "missing" || read.reason === "empty")) continue;
    if (read.kind !== "read") {
      const message =
        `${file} cannot be read as pairs (${read.reason}); make it a plain, readable file of at most ` +
        "16 MiB, or take it out of `sources.pairs.files` in the recipe";
      throw new PatinaError("IO", message, { file });
    }
    const { text, valid } = decodeText(read.bytes);
    for (const pair of parsePairs(text, file)) documents.push(pairDocument(file, pair, valid, cutting, how));
  }
  return documents;
}

function pairDocument(
  file: string,
  pair: Pair,
  valid: boolean,
  cutting: string,
  how: Cutting,
): SourceDocument {
  const source = `${file}#${pair.id}`;
  // Its line is a part of the passages only where there is no better place.
  const shown = pair.path === null ? pair : { ...pair, line: null };
  const fingerprint = `${cutting} ${digestOf([shown, valid])}`;
  const read = async (): Promise<ReadDocument> => {
    const { passages, redactions } = await pairPassages(file, source, pair, how);
    return { fingerprint, outcome: { kind: "taken", redactions, validUtf8: valid }, passages, touched: [] };
  };
  return { kind: "pair", source, fingerprint, read };
}

/** The answer, its question before each part of it. */
async function pairPassages(
  file: string,
  source: string,
  { query, text, path, line, time }: Pair,
  how: Cutting,
): Promise<{ passages: Passage[]; redactions: number }> {
  const title = redactSecrets(query.toWellFormed().replace(/\s+/g, " ").trim());
  const answer = redactSecrets(text.toWellFormed().replaceAll("\r\n", "\n"));
  // The name of a text file, so that it is cut as prose.
  const part = { path: "answer.txt", kind: "code", text: answer.text } as const;
  const cut = await cutText({ ...part, header: [title.text], place: () => null }, how);
  const passages = cut.map(({ text: whole, bodyStart }, ordinal): Passage => {
    return {
      id: digestOf(["pair", source, ordinal, whole]),
      kind: "pair",
      // What it is about is what one wants to open; else the line that says it.
      path: path ?? file,
      startLine: path === null ? line : null,
      endLine: path === null ? line : null,
      commit: null,
      author: null,
      time,
      symbol: null,
      marks: [],
      title: title.text,
      bodyStart,
      text: whole,
    };
  });
  return { passages, redactions: title.count + answer.count };
}
