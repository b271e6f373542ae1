import type { OxidizeReport } from "@patina/projections";
import { count, counted, duration } from "../terminal/numbers.ts";
import { visibleLine } from "../terminal/visible.ts";

/** Unreadable files that are named; `--json` has all of them. */
const NAMED_FILES = 10;

/** What an indexing run did, for people. */
export function summary(report: OxidizeReport): string[] {
  const { sources, passages, embedded, moved, fromCache, truncated, tokens, seconds, generation } = report;
  const lines: string[] = [];
  if (report.unchanged) lines.push("nothing to embed: the index is current");
  else if (embedded === 0) lines.push("nothing to embed: every text had its vector");
  const kinds = [
    counted(sources.files, "file"),
    counted(sources.commits, "commit"),
    counted(sources.notes, "note"),
    ...(sources.pairs > 0 ? [counted(sources.pairs, "pair")] : []),
  ];
  lines.push(`${counted(passages, "passage")} of ${kinds.join(", ")}, in generation ${generation}`);
  if (sources.at !== null) lines.push(`  as they are in commit ${sources.at.slice(0, 12)}`);
  if (sources.shallow)
    lines.push("  the clone is shallow: older commits are not here; `git fetch --unshallow` brings them");
  if (!report.unchanged) lines.push(`  ${builtText(report)}`);
  lines.push(
    `  embedded ${count(embedded)} (${counted(tokens, "token")}), ${count(fromCache)} had their vectors already`,
  );
  if (moved > 0) {
    lines.push(`  ${counted(moved, "text")} kept the vectors of renamed files (--full embeds them anew)`);
  }
  if (truncated > 0)
    lines.push(`  ${counted(truncated, "passage")} longer than the model takes, cut at its limit`);
  const skipped = Object.entries(sources.skipped).filter(([, number]) => number > 0);
  if (skipped.length > 0) {
    const total = skipped.reduce((sum, [, number]) => sum + number, 0);
    const reasons = skipped.map(([reason, number]) => `${reason} ${count(number)}`).join(", ");
    lines.push(`  skipped ${counted(total, "file")}: ${reasons}`);
  }
  if (sources.redactions > 0) lines.push(`  ${counted(sources.redactions, "secret")} redacted`);
  if (sources.invalidUtf8 > 0) {
    lines.push(
      `  ${counted(sources.invalidUtf8, "file or commit", "files and commits")} not in UTF-8, bad bytes marked`,
    );
  }
  for (const { path, reason } of sources.unreadable.slice(0, NAMED_FILES)) {
    lines.push(`  could not read ${visibleLine(path)}: ${visibleLine(reason)}`);
  }
  const more = sources.unreadable.length - NAMED_FILES;
  if (more > 0) lines.push(`  and ${counted(more, "more file")} could not be read`);
  lines.push(`  ${duration(seconds)}`);
  return lines;
}

/** What was read, and whether the index was built on the one before. */
function builtText({ whole, documents: { read, kept, removed } }: OxidizeReport): string {
  const changes = `${count(read)} read, ${count(kept)} as they were, ${count(removed)} gone`;
  return whole === null ? `changed: ${changes}` : `built whole, since ${whole}: ${changes}`;
}
