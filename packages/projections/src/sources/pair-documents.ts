import { PatinaError } from "@patina/core";
import { proseBoundary } from "./boundaries.ts";
import { cutLines } from "./cut.ts";
import { decodeText } from "./decode.ts";
import { digestOf } from "./digest.ts";
import type { ReadDocument, SourceDocument } from "./document.ts";
import { type Pair, parsePairs } from "./pair-lines.ts";
import type { Passage } from "./passage.ts";
import { passageText } from "./passage-text.ts";
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
  budget: number,
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
    for (const pair of parsePairs(text, file))
      documents.push(pairDocument(file, pair, valid, cutting, budget));
  }
  return documents;
}

function pairDocument(
  file: string,
  pair: Pair,
  valid: boolean,
  cutting: string,
  budget: number,
): SourceDocument {
  const source = `${file}#${pair.id}`;
  // Its line is a part of the passages only where there is no better place.
  const shown = pair.path === null ? pair : { ...pair, line: null };
  const fingerprint = `${cutting} ${digestOf([shown, valid])}`;
  const read = async (): Promise<ReadDocument> => {
    const { passages, redactions } = pairPassages(file, source, pair, budget);
    return { fingerprint, outcome: { kind: "taken", redactions, validUtf8: valid }, passages, touched: [] };
  };
  return { kind: "pair", source, fingerprint, read };
}

/** The answer, its question before each part of it. */
function pairPassages(
  file: string,
  source: string,
  { query, text, path, line, time }: Pair,
  budget: number,
): { passages: Passage[]; redactions: number } {
  const title = redactSecrets(query.replace(/\s+/g, " ").trim());
  const answer = redactSecrets(text.replaceAll("\r\n", "\n"));
  const pieces = cutLines(answer.text.split("\n"), budget, proseBoundary);
  const passages = pieces.map((piece, ordinal): Passage => {
    const { text: whole, bodyStart } = passageText([title.text], piece.text);
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
