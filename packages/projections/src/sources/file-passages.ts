import { codeBoundary, proseBoundary } from "./boundaries.ts";
import { cutLines } from "./cut.ts";
import { digestOf } from "./digest.ts";
import { frontMatterOf } from "./front-matter.ts";
import { sectionsOf } from "./markdown.ts";
import type { Passage } from "./passage.ts";
import { fileHeader, type PassageForm, passageText, placeHeader, trailOf } from "./passage-text.ts";

/** A file whose text is ready to be cut: decoded, its secrets redacted. */
export interface SourceFile {
  readonly kind: "code" | "note";
  readonly path: string;
  /** The path as it may be shown and embedded: redacted as well. */
  readonly shownPath: string;
  readonly text: string;
}

const MARKDOWN = /\.(?:md|mdx|markdown|mdown)$/i;
const PROSE = /\.(?:txt|rst|adoc|asciidoc|org|tex)$/i;

/** Whether a path names a Markdown file. */
export function isMarkdown(path: string): boolean {
  return MARKDOWN.test(path);
}

/**
 * The passages of a file, which together hold each of its lines once. A note's own title is the first of its headings,
 * whatever its text calls itself; its tags stand before each passage.
 *
 * @param budget characters a passage may have after its header
 */
export function filePassages(file: SourceFile, budget: number, form: PassageForm): Passage[] {
  const lines = file.text.split("\n");
  // What ends with a line break has no further line.
  if (lines.at(-1) === "") lines.pop();
  const isNote = file.kind === "note";
  const markdown = isNote || isMarkdown(file.path);
  const score = markdown || PROSE.test(file.path) ? proseBoundary : codeBoundary;
  const sections = markdown ? sectionsOf(lines) : [{ headings: [], startLine: 1, lines }];
  const { time, title, author, tags } = frontMatterOf(isNote ? lines : []);
  const passages: Passage[] = [];
  for (const section of sections) {
    const headings =
      title === null || section.headings[0] === title ? section.headings : [title, ...section.headings];
    const place = { path: file.shownPath, headings, symbols: [], tags };
    const header = [...fileHeader(form, place), ...placeHeader(form, place)];
    for (const piece of cutLines(section.lines, budget, score, section.startLine)) {
      const { text, bodyStart } = passageText(header, piece.text);
      passages.push({
        id: digestOf([file.kind, file.path, passages.length, text]),
        kind: file.kind,
        path: file.path,
        startLine: piece.startLine,
        endLine: piece.endLine,
        commit: null,
        author,
        time,
        symbol: null,
        marks: [],
        title: isNote && headings.length > 0 ? trailOf(headings) : file.shownPath,
        bodyStart,
        text,
      });
    }
  }
  return passages;
}
