import { proseBoundary } from "./boundaries.ts";
import { marksOf } from "./commit-marks.ts";
import type { Commit } from "./commits.ts";
import { cutLines } from "./cut.ts";
import { passageId } from "./file-passages.ts";
import type { Passage } from "./passage.ts";
import { redactSecrets } from "./redact.ts";

/** Characters of a subject that are repeated in each of the commit's passages, and shown as its title. */
const MAX_SUBJECT = 200;

/** Touched paths that stand in the text; one more says less about the commit, and costs the same. */
const MAX_PATHS = 20;

/** What a commit came to. */
export interface CommitPassages {
  readonly passages: readonly Passage[];
  readonly redactions: number;
}

/**
 * The passages of a commit: its subject, its body, the files it touched. Most commits are one; a long message
 * is cut, and each part begins with the subject.
 */
export function commitPassages(commit: Commit, budget: number): CommitPassages {
  const { text, count } = redactSecrets(commit.message.trim());
  const [first = "", ...body] = text.split("\n");
  const touched = redactSecrets(touchedText(commit));
  const author = redactSecrets(commit.author.name.replaceAll("\n", " ").trim());
  // A subject may be a whole paragraph; what the title has no room for is the beginning of the body.
  const subject = first.length > MAX_SUBJECT ? `${clip(first, MAX_SUBJECT - 1)}…` : first.trim();
  const lines = [
    ...(first.length > MAX_SUBJECT ? [first] : []),
    ...body,
    ...(touched.text === "" ? [] : ["", ...touched.text.split("\n")]),
  ];
  const title = subject === "" ? `commit ${commit.hash.slice(0, 12)}` : subject;
  const marks = marksOf(commit);
  const pieces = cutLines(lines, budget, proseBoundary).map((piece) => `${title}\n${piece.text}`);
  const passages = (pieces.length === 0 ? [title] : pieces).map(
    (passage, ordinal): Passage => ({
      id: passageId("commit", commit.hash, ordinal, passage),
      kind: "commit",
      path: null,
      startLine: null,
      endLine: null,
      commit: commit.hash,
      author: author.text === "" ? null : author.text,
      time: commit.time,
      symbol: null,
      marks,
      title,
      bodyStart: pieces.length === 0 ? 0 : title.length + 1,
      text: passage,
    }),
  );
  return { passages, redactions: count + touched.count + author.count };
}

function touchedText({ touched, touchedCount }: Commit): string {
  if (touchedCount === 0) return "";
  const lines = touched.slice(0, MAX_PATHS).map((path) => path.replaceAll("\n", " "));
  const more = touchedCount - lines.length;
  return [`files (${touchedCount}):`, ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

/** The first `length` UTF-16 units, and not half a character. */
function clip(text: string, length: number): string {
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length);
}
