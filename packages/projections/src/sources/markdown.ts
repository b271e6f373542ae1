/** What stands between two headings of a Markdown text. */
export interface Section {
  /** The headings it is under, outermost first, its own included: first and second level only. */
  readonly headings: readonly string[];
  /** Number of its first line, from 1; its own heading is in it. */
  readonly startLine: number;
  readonly lines: readonly string[];
}

/** A longer line is data: it would be a poor title, and slow to take apart. */
const MAX_HEADING = 300;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,2})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;

/** Cuts Markdown at its first- and second-level headings. Every line is in exactly one section. */
export function sectionsOf(lines: readonly string[]): Section[] {
  const starts: { index: number; level: 1 | 2; heading: string }[] = [];
  const contentStart = frontMatterEnd(lines);
  let fence: string | undefined;
  for (let index = contentStart; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence) && /^ {0,3}[`~]+\s*$/.test(line)) fence = undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const heading = atxHeading(line) ?? underlinedHeading(lines, index);
    if (heading !== undefined) starts.push({ index, ...heading });
  }
  const sections: Section[] = [];
  let title: string | undefined;
  let begin = 0;
  let headings: readonly string[] = [];
  let lookedAt = contentStart;
  let hasText = false;
  for (const { index, level, heading } of starts) {
    // Each line is looked at once: a file of a hundred thousand headings would take minutes otherwise.
    hasText ||= isWorthASection(lines.slice(lookedAt, index));
    lookedAt = index;
    // A title (or a heading) with nothing under it is no passage of its own; it opens the section that follows.
    if (hasText) {
      sections.push({ headings, startLine: begin + 1, lines: lines.slice(begin, index) });
      begin = index;
      hasText = false;
    }
    if (level === 1) title = heading;
    headings = level === 1 || title === undefined ? [heading] : [title, heading];
  }
  if (begin < lines.length) sections.push({ headings, startLine: begin + 1, lines: lines.slice(begin) });
  return sections;
}

/** Index of the first line after the front matter; 0 where there is none. */
function frontMatterEnd(lines: readonly string[]): number {
  const fence = lines[0]?.trimEnd();
  if (fence !== "---" && fence !== "+++") return 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === fence);
  return end === -1 ? 0 : end + 1;
}

function atxHeading(line: string): { level: 1 | 2; heading: string } | undefined {
  const parts = line.length > MAX_HEADING ? null : ATX.exec(line);
  if (parts === null) return undefined;
  return { level: parts[1] === "#" ? 1 : 2, heading: (parts[2] ?? "").trim() };
}

/** A line that `===` or `---` underlines. Only after a blank line: a paragraph above a rule is no heading. */
function underlinedHeading(
  lines: readonly string[],
  index: number,
): { level: 1 | 2; heading: string } | undefined {
  const mark = UNDERLINE.exec(lines[index + 1] ?? "")?.[1];
  const line = lines[index] ?? "";
  if (mark === undefined || line.trim() === "" || line.length > MAX_HEADING) return undefined;
  if (UNDERLINE.test(line)) return undefined;
  if (index > 0 && (lines[index - 1] ?? "").trim() !== "") return undefined;
  return { level: mark.startsWith("=") ? 1 : 2, heading: line.trim() };
}

function isWorthASection(lines: readonly string[]): boolean {
  return lines.some(
    (line, index) => line.trim() !== "" && !/^ {0,3}#{1,6}\s/.test(line) && !isUnderlined(lines, index),
  );
}

function isUnderlined(lines: readonly string[], index: number): boolean {
  return UNDERLINE.test(lines[index] ?? "") || UNDERLINE.test(lines[index + 1] ?? "");
}
