import type { SearchAnswer } from "@patina/projections";
import { count, counted } from "../terminal/numbers.ts";

/** What each part of a search took, in milliseconds, in order. */
export type Timings = Readonly<Record<string, number>>;

/** How an answer came to be, as names and values. */
export function explanation(answer: SearchAnswer, model: string, timings: Timings): [string, string][] {
  const { lists, words, generation, filtered } = answer;
  const rows: [string, string][] = [["weights", weightsText(answer)]];
  for (const { list, passages, documents } of lists) {
    const found = counted(documents, list === "history" ? "file" : "document");
    rows.push([list, list === "history" ? found : `${counted(passages, "passage")} of ${found}`]);
  }
  if (words !== null) {
    rows.push(["looked for", words.sought.join(", ") || "no word"]);
    if (words.common.length > 0) rows.push(["too common", words.common.join(", ")]);
    // A long text has more words than are looked for, so not all of these are in no passage.
    if (words.left.length > 0) rows.push(["left out", words.left.join(", ")]);
  }
  if (filtered !== null) rows.push(["filters", `let ${counted(filtered.passages, "passage")} through`]);
  const times = Object.entries(timings).map(([stage, time]) => `${stage} ${time.toFixed(1)}`);
  rows.push(["time", `${times.join(", ")} ms`]);
  rows.push(["model", model], ["generation", generation]);
  return rows;
}

function weightsText({ weights, weightsFrom, lead }: SearchAnswer): string {
  const each = Object.entries(weights).map(([list, weight]) => `${list} ${weight}`);
  const chosen = { default: "the default", recipe: "from the recipe", options: "as asked" }[weightsFrom];
  return `${each.join(", ")} (${chosen}); ${lead === null ? "no list leads" : `${lead} leads`}`;
}

/** What to say where nothing was found: which filter kept everything out, and what it kept out. */
export function nothingFound({ filtered }: SearchAnswer): string {
  if (filtered === null || filtered.passages > 0) return "nothing found\n";
  const helpful = filtered.excludedBy.filter(({ without }) => without > 0);
  const flags: Readonly<Record<string, string>> = { kinds: "--kind", paths: "--path" };
  const without = helpful.map(
    ({ filter, without }) => `without ${flags[filter] ?? `--${filter}`} ${count(without)} would`,
  );
  const hint = without.length === 0 ? "no single filter is the reason" : without.join(", ");
  return `nothing found: no passage passes the filters; ${hint}\n`;
}
