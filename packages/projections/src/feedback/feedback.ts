import { join } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { localPaths, prepareLocalDirectory } from "../generation/local-directory.ts";
import { PASSAGE_KINDS, type PassageKind } from "../sources/passage.ts";
import { appendRecord, linesOf, readRecord } from "./private-log.ts";
import { findResult } from "./searches.ts";

/** Whether a result answered its query. */
export type Verdict = "yes" | "no";

/** Every verdict. */
export const VERDICTS: readonly Verdict[] = ["yes", "no"];

/** What somebody said of a result. */
export interface Feedback {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly query: string;
  readonly verdict: Verdict;
  readonly note: string | null;
  /** Short name of the result. */
  readonly result: string;
  /** Id of the passage. */
  readonly passage: string;
  readonly kind: PassageKind;
  /** Path, or full hash of a commit. */
  readonly source: string;
  readonly lines: readonly [first: number, last: number] | null;
  /** Place among the results, from 1. */
  readonly rank: number;
  /** Name of the generation that answered. */
  readonly generation: string;
  /** Identity of the encoder that answered. */
  readonly encoder: string;
}

const schema = v.strictObject({
  time: v.pipe(v.string(), v.isoTimestamp()),
  query: v.string(),
  verdict: v.picklist(VERDICTS),
  note: v.nullable(v.string()),
  result: v.string(),
  passage: v.string(),
  kind: v.picklist(PASSAGE_KINDS),
  source: v.string(),
  lines: v.nullable(v.tuple([v.number(), v.number()])),
  rank: v.number(),
  generation: v.string(),
  encoder: v.string(),
});

/** What is said of a result. */
export interface FeedbackOptions {
  /** Short name of the result. */
  readonly result: string;
  readonly verdict: Verdict;
  readonly note?: string | undefined;
}

/**
 * Keeps what somebody says of a result in `.patina/local/feedback.jsonl`, which stays on this machine. Said again, it is
 * one more line: the last one counts.
 *
 * @throws PatinaError `INVALID_INPUT` for a result that is not remembered, `IO` where it cannot be written.
 */
export function giveFeedback(root: string, { result: name, verdict, note }: FeedbackOptions): Feedback {
  if (!VERDICTS.includes(verdict))
    throw new PatinaError("INVALID_INPUT", `a verdict is yes or no, not “${verdict}”`, { key: "verdict" });
  // Hexadecimal digits, which some write in capitals.
  const { search, result } = findResult(root, name.toLowerCase());
  const { query, generation, encoder } = search;
  const { passage, kind, source, lines, rank } = result;
  const feedback: Feedback = {
    ...{ time: new Date().toISOString(), query, verdict, note: note ?? null, result: result.result },
    ...{ passage, kind, source, lines, rank, generation, encoder },
  };
  prepareLocalDirectory(root);
  appendRecord(feedbackFile(root), feedback);
  return feedback;
}

/**
 * All that was said of results, oldest first; empty where nothing was.
 *
 * @throws PatinaError `INTEGRITY` naming file and line where a line is none that was written.
 */
export function readFeedback(root: string): Feedback[] {
  const file = feedbackFile(root);
  return linesOf(file).map((line) => readRecord(file, line, schema));
}

function feedbackFile(root: string): string {
  return join(localPaths(root).directory, "feedback.jsonl");
}
