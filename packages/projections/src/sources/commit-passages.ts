import { marksOf } from "./commit-marks.ts";
import type { Commit } from "./commits.ts";
import { type Cutting, cutText } from "./cut-text.ts";
import { digestOf } from "./digest.ts";
import type { Passage } from "./passage.ts";
import type { PassageText } from "./passage-text.ts";
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
export async function commitPassages(commit: Commit, cutting: Cutting): Promise<CommitPassages> {
  const message = redactSecrets(commit.message.trim());
  const [first = "", ...body] = message.text.split("\n");
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
  // The name of a text file, so that it is cut as prose.
  const source = { path: "message.txt", kind: "code", text: lines.join("\n") } as const;
  const cut = await cutText({ ...source, header: [title], place: () => null }, cutting);
  const texts: readonly PassageText[] = cut.length === 0 ? [{ text: title, bodyStart: 0 }] : cut;
  const passages = texts.map(
    ({ text, bodyStart }, ordinal): Passage => ({
      id: digestOf(["commit", commit.hash, ordinal, text]),
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
      bodyStart,
      text,
    }),
  );
  return { passages, redactions: message.count + touched.count + author.count };
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
