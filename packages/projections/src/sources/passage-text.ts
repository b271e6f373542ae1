/**
 * The text of a passage: a header that says where its body is from, and the body. What a question names is often in the
 * header and nowhere else. Line numbers are in no form: every edit above a definition moves it, and would cost an
 * embedding; they are fields of the passage, for those who show it.
 */

/**
 * What the header of a passage of a file has, to be compared:
 * - `path`: the path, then the headings it is under;
 * - `path-symbol`: the path, then the headings or the definitions;
 * - `words`: the words of the path, then the headings or the definitions;
 * - `symbol`: the headings or the definitions;
 * - `bare`: nothing.
 */
export const PASSAGE_FORMS = ["path", "path-symbol", "words", "symbol", "bare"] as const;

/** One of {@link PASSAGE_FORMS}. */
export type PassageForm = (typeof PASSAGE_FORMS)[number];

/** Definitions of a passage that are named. */
const MAX_SYMBOLS = 8;

/**
 * The form where nobody says another. No other is better on all three histories of benchmarks/SEARCH.md: the path alone gains
 * 0.009 and 0.012 on two and loses 0.011 on the third; without a header vectors lose a tenth to a fifth.
 */
export const DEFAULT_FORM: PassageForm = "path-symbol";

/** A text and how much of it stands before its body, in UTF-16 units. */
export interface PassageText {
  readonly text: string;
  readonly bodyStart: number;
}

/** What a passage of a file can say of its place. */
export interface PassagePlace {
  /** As it may be shown. */
  readonly path: string;
  /** Headings that it is under, outermost first. */
  readonly headings: readonly string[];
  /** Definitions it is in or holds, as `SearchIndex.search`. */
  readonly symbols: readonly string[];
  /** What the file says it is about. */
  readonly tags: readonly string[];
}

/** The lines of the header that do not depend on where in the file a passage is. */
export function fileHeader(form: PassageForm, { path, tags }: Pick<PassagePlace, "path" | "tags">): string[] {
  const tagged = tags.length === 0 ? [] : [tags.join(", ")];
  switch (form) {
    case "path":
    case "path-symbol":
      return [path, ...tagged];
    case "words":
      return [wordsOf(path), ...tagged];
    case "symbol":
      return tagged;
    case "bare":
      return [];
  }
}

/** The line of the header that says where in the file a passage is. */
export function placeHeader(
  form: PassageForm,
  { headings, symbols }: Pick<PassagePlace, "headings" | "symbols">,
): string | null {
  if (form === "bare") return null;
  return trailOf(headings) || (form === "path" ? null : symbolsOf(symbols));
}

/** Headings as one line. */
export function trailOf(headings: readonly string[]): string {
  return headings.filter((heading) => heading !== "").join(" › ");
}

/** Definitions as one line, the first of them where there are many; null where there is none. */
export function symbolsOf(symbols: readonly string[]): string | null {
  if (symbols.length === 0) return null;
  return [...symbols.slice(0, MAX_SYMBOLS), ...(symbols.length > MAX_SYMBOLS ? ["…"] : [])].join(", ");
}

/** A header above a body. */
export function passageText(header: readonly string[], body: string): PassageText {
  const text = [...header, body].join("\n");
  return { text, bodyStart: text.length - body.length };
}

/** `src/httpServer/run_loop.ts` → `src http Server run loop ts`. */
function wordsOf(path: string): string {
  return path
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ");
}
