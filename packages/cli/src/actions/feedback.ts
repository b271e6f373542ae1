import { giveFeedback, type Verdict } from "@patina/projections";
import { needProject } from "../project.ts";
import { print } from "../terminal/output.ts";
import { safeJson, visibleLine } from "../terminal/visible.ts";

/** Options of `patina feedback`, as the command line gives them. */
export interface FeedbackCommandOptions {
  readonly note?: string;
  readonly json?: boolean;
}

/** `patina feedback`: whether a result answered its query. */
export async function feedback(
  result: string,
  verdict: Verdict,
  { note, json }: FeedbackCommandOptions,
): Promise<void> {
  const kept = giveFeedback(needProject(), { result, verdict, note });
  if (json) {
    await print(`${safeJson(kept, 2)}\n`);
    return;
  }
  const lines = kept.lines === null ? "" : `:${kept.lines[0]}`;
  const source = kept.kind === "commit" ? kept.source.slice(0, 10) : `${kept.source}${lines}`;
  await print(`${verdict}: ${visibleLine(source)} for ${visibleLine(JSON.stringify(kept.query))}\n`);
}
