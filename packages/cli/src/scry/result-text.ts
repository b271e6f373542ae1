import type { FurtherPassage, SearchResult } from "@patina/projections";
import { fit, fitEnd } from "../terminal/layout.ts";
import type { Matches } from "../terminal/matches.ts";
import { snippet } from "../terminal/snippet.ts";
import type { Style } from "../terminal/style.ts";
import { visibleLine } from "../terminal/visible.ts";

/** Lines of text shown of each result. */
const SNIPPET_LINES = 3;

/** Other places of the same text that are named. */
const NAMED_COPIES = 3;

/** How results are shown. */
export interface ResultLayout {
  readonly matches: Matches;
  /** Columns of the terminal. */
  readonly width: number;
  readonly style: Style;
  readonly explain: boolean;
}

/** A result for a person: its place, what it is, the lines that say most, where else. */
export function resultText(result: SearchResult, rank: number, layout: ResultLayout): string {
  const { matches, width, style, explain } = layout;
  const lines = [headline(result, rank, layout)];
  const title = titleOf(result);
  if (title !== null) lines.push(`    ${style.bold(matches.highlight(fit(title, width - 4), style))}`);
  for (const line of snippet(bodyOf(result), matches, SNIPPET_LINES, width - 6))
    lines.push(`    ${style.dim("│")} ${matches.highlight(line, style)}`);
  const others = [furtherOf(result.further), copiesOf(result.alsoIn), ...(explain ? [whyOf(result)] : [])];
  for (const line of others) if (line !== null) lines.push(`    ${style.dim(fit(line, width - 4))}`);
  return lines.join("\n");
}

/** The place of a passage: path and lines, or commit, date, author and marks. */
export function placeOf({ path, startLine, endLine, commit, time, author, marks }: SearchResult): string {
  const lines = startLine === null ? "" : `:${startLine}${endLine === startLine ? "" : `-${endLine}`}`;
  const place = path === null ? (commit ?? "").slice(0, 10) : `${visibleLine(path)}${lines}`;
  return [
    place,
    ...(time === null ? [] : [dateOf(time)]),
    ...(author === null ? [] : [visibleLine(author)]),
    ...(marks.length === 0 ? [] : [`(${marks.join(", ")})`]),
  ].join(" ");
}

/**
 * `1  src/retry.ts:10-34  0.0325  3f2a91bc`; where it is too long, a path loses its beginning and keeps file and lines.
 */
function headline(result: SearchResult, rank: number, { width, style }: ResultLayout): string {
  const number = String(rank).padStart(2);
  const score = result.score.toFixed(4);
  const room = Math.max(12, width - number.length - score.length - result.result.length - 6);
  const cut = result.path === null ? fit : fitEnd;
  const place = cut(placeOf(result), room);
  return `${style.dim(number)}  ${style.cyan(place)}  ${style.dim(`${score}  ${result.result}`)}`;
}

/** Unix seconds may be anything that a commit claims, far beyond what a date can be. */
function dateOf(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1_000);
  return Number.isNaN(date.getTime()) ? `@${unixSeconds}` : date.toISOString().slice(0, 10);
}

/** The title, unless it only repeats the path, and the definition that the passage is of. */
function titleOf({ title, path, symbol }: SearchResult): string | null {
  const parts = [title === path ? "" : title, symbol ?? ""].filter((part) => part !== "");
  return parts.length === 0 ? null : visibleLine(parts.join(" · "));
}

/** The text without what stands above it already: its path, its headings, its title. */
function bodyOf({ text, bodyStart, title }: SearchResult): string {
  const body = text.slice(bodyStart);
  return `${body}\n`.startsWith(`${title}\n`) ? body.slice(title.length + 1) : body;
}

function furtherOf(further: readonly FurtherPassage[]): string | null {
  const places = further.flatMap(({ startLine, endLine }) =>
    startLine === null ? [] : [startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`],
  );
  return places.length === 0 ? null : `also lines ${places.join(", ")}`;
}

function copiesOf(alsoIn: readonly string[]): string | null {
  if (alsoIn.length === 0) return null;
  const named = alsoIn.slice(0, NAMED_COPIES).map(visibleLine);
  const more = alsoIn.length - named.length;
  return `the same text in ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function whyOf({ why }: SearchResult): string {
  return why.map(({ list, rank, score }) => `${list}: rank ${rank}, score ${score.toFixed(4)}`).join("; ");
}
