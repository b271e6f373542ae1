import type { Piece } from "@patina/native";
import { type Cutting, cutText } from "./cut-text.ts";
import { digestOf } from "./digest.ts";
import { frontMatterOf } from "./front-matter.ts";
import type { Passage } from "./passage.ts";
import { fileHeader, type PassageForm, placeHeader, symbolsOf, trailOf } from "./passage-text.ts";

/** A file whose text is ready to be cut: decoded, its secrets redacted. */
export interface SourceFile {
  readonly kind: "code" | "note";
  readonly path: string;
  /** The path as it may be shown and embedded: redacted as well. */
  readonly shownPath: string;
  readonly text: string;
}

const MARKDOWN = /\.(?:md|mdx|markdown|mdown)$/i;

/** Whether a path names a Markdown file. */
export function isMarkdown(path: string): boolean {
  return MARKDOWN.test(path);
}

/**
 * The passages of a file, which together hold each of its lines that is not blank. A note's own title is the first of its
 * headings, whatever its text calls itself; its tags stand before each passage.
 */
export async function filePassages(
  file: SourceFile,
  cutting: Cutting,
  form: PassageForm,
): Promise<Passage[]> {
  const { kind, path, shownPath } = file;
  const isNote = kind === "note";
  const { time, title, author, tags } = frontMatterOf(isNote ? file.text.split("\n") : []);
  const headingsOf = ({ headings }: Piece): readonly string[] =>
    title === null || headings[0] === title ? headings : [title, ...headings];
  const cut = await cutText(
    {
      ...{ path, kind, text: file.text },
      header: fileHeader(form, { path: shownPath, tags }),
      place: (piece) => placeHeader(form, { headings: headingsOf(piece), symbols: piece.symbols }),
    },
    cutting,
  );
  return cut.map(({ piece, text, bodyStart }, ordinal) => ({
    id: digestOf([kind, path, ordinal, text]),
    kind,
    path,
    startLine: piece.startLine,
    endLine: piece.endLine,
    commit: null,
    author,
    time,
    symbol: symbolsOf(piece.symbols),
    marks: [],
    title: (isNote && trailOf(headingsOf(piece))) || shownPath,
    bodyStart,
    text,
  }));
}
