import { createHash } from "node:crypto";
import { codeBoundary, proseBoundary } from "./boundaries.ts";
import { cutLines } from "./cut.ts";
import { frontMatterTime, sectionsOf } from "./markdown.ts";
import type { Passage, PassageKind } from "./passage.ts";

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
 * The passages of a file, which together hold each of its lines once. A passage begins with the file's path,
 * and in Markdown with the headings it is under: what a question names is often there and nowhere else.
 *
 * @param budget characters a passage may have after those lines
 */
export function filePassages(file: SourceFile, budget: number): Passage[] {
  const lines = file.text.split("\n");
  // What ends with a line break has no further line.
  if (lines.at(-1) === "") lines.pop();
  const markdown = file.kind === "note" || isMarkdown(file.path);
  const score = markdown || PROSE.test(file.path) ? proseBoundary : codeBoundary;
  const sections = markdown ? sectionsOf(lines) : [{ headings: [], startLine: 1, lines }];
  const time = file.kind === "note" ? frontMatterTime(lines) : null;
  const passages: Passage[] = [];
  for (const section of sections) {
    const trail = section.headings.filter((heading) => heading !== "").join(" › ");
    for (const piece of cutLines(section.lines, budget, score, section.startLine)) {
      const text = [file.shownPath, ...(trail === "" ? [] : [trail]), piece.text].join("\n");
      passages.push({
        id: passageId(file.kind, file.path, passages.length, text),
        kind: file.kind,
        path: file.path,
        startLine: piece.startLine,
        endLine: piece.endLine,
        commit: null,
        author: null,
        time,
        symbol: null,
        marks: [],
        title: file.kind === "note" && trail !== "" ? trail : file.shownPath,
        bodyStart: text.length - piece.text.length,
        text,
      });
    }
  }
  return passages;
}

/** SHA-256 over what tells a passage from every other; JSON, so that no two sets of fields read alike. */
export function passageId(kind: PassageKind, source: string, ordinal: number, text: string): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, source, ordinal, text]))
    .digest("hex");
}
