/** Passages of files in forms to be compared: how a file is cut, what stands before a passage, how much it holds. */
import type { EmbeddingEngine } from "@patina/core";
import { cutPassages, type Piece } from "@patina/native";
import type { Passage } from "@patina/projections";
import { passageOf } from "./set-passages.ts";

/** How a file is cut: at good lines, along definitions with small neighbours together, or one definition a piece. */
export type Cutting = "lines" | "merged" | "single";

/** What stands before the body: path, its words, and the definitions or headings; or nothing. */
export type Header = "path" | "path-symbol" | "words" | "symbol" | "bare";

/** A form of passages. */
export interface Form {
  readonly cutting: Cutting;
  readonly header: Header;
  /** Tokens of header and body together; null for as many as the model reads. */
  readonly tokens: number | null;
}

/** A file to be cut. */
export interface FormFile {
  readonly path: string;
  readonly kind: "code" | "note";
  readonly text: string;
}

/** Tokens around a text: [CLS] and [SEP]. */
const SPECIAL_TOKENS = 2;

/** Fewer tokens are left to no body, however long a header is. */
const LEAST_BODY = 32;

/** Name of a form, for tables. */
export function formName({ cutting, header, tokens }: Form): string {
  return `${cutting}, ${header}${tokens === null ? "" : `, ${tokens} tokens`}`;
}

/** The passages of a file in a form. */
export async function formPassages(engine: EmbeddingEngine, file: FormFile, form: Form): Promise<Passage[]> {
  const { path, kind, text } = file;
  const limit = (form.tokens ?? engine.maxTokens) - SPECIAL_TOKENS;
  const [header = 0] = await engine.countTokens([headerOf(form.header, path, null)]);
  // Room for a symbol or a heading is not known before the cut; what has long ones loses its last tokens.
  const room = form.header === "path" || form.header === "bare" ? 0 : 16;
  const budget = Math.max(LEAST_BODY, limit - header - room);
  const costs = (await engine.countTokens(text.split("\n"))).map((count, line) =>
    text.split("\n")[line]?.trim() === "" ? 0 : Math.max(1, count),
  );
  // No grammar knows this ending, so that good lines are all there is to go by.
  const cutBy = form.cutting === "lines" && kind === "code" ? `${path}.unknown` : path;
  const pieces = await cutPassages({
    path: cutBy,
    kind,
    text,
    costs,
    budget,
    merge: form.cutting !== "single",
  });
  return pieces.map((piece, ordinal) => {
    const before = headerOf(form.header, path, piece);
    const title = piece.headings.length === 0 ? path : piece.headings.join(" › ");
    return {
      ...passageOf(path, title, before === "" ? piece.text : `${before}\n${piece.text}`, ordinal),
      kind,
    };
  });
}

function headerOf(header: Header, path: string, piece: Pick<Piece, "headings" | "symbols"> | null): string {
  const headings = piece?.headings.join(" › ") ?? "";
  const symbols = headings === "" ? (piece?.symbols.join(", ") ?? "") : headings;
  const lines = {
    path: [path, headings],
    "path-symbol": [path, symbols],
    words: [wordsOf(path), symbols],
    symbol: [symbols],
    bare: [],
  }[header];
  return lines.filter((line) => line !== "").join("\n");
}

function wordsOf(path: string): string {
  return path
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ");
}
