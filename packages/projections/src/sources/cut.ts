/** Characters a passage's body may have unless the caller says otherwise. */
export const DEFAULT_BUDGET = 1000;

/** Fewer characters are no passage, and a line would be cut into dust. */
export const MIN_BUDGET = 100;

/**
 * Characters of source code per token, on the safe side: this repository has 3.0 with BERT's vocabulary, and
 * with 2.6 and a limit of 256 tokens hardly a passage loses its end (at 1,000 characters two of three do).
 */
const CHARACTERS_PER_TOKEN = 2.6;

/** The budget for a model that reads `maxTokens` tokens: the default, or less where that would be cut off. */
export function passageBudget(maxTokens: number): number {
  const fitting = Math.floor(maxTokens * CHARACTERS_PER_TOKEN);
  return Math.max(MIN_BUDGET, Math.min(DEFAULT_BUDGET, fitting));
}

/** Consecutive lines of a text that belong together, or a part of one line that is too long. */
export interface Piece {
  /** From 1. */
  readonly startLine: number;
  /** Inclusive. */
  readonly endLine: number;
  /** The lines, or the part of the line, without blank lines at either end. */
  readonly text: string;
}

/** How well a text can be cut before line `index`, from 0 (badly) to 1 (there, if anywhere). */
export type BoundaryScore = (lines: readonly string[], index: number) => number;

/** What a bad boundary costs, in the measure in which a piece that is only half full costs 0.25. */
const BOUNDARY_COST = 0.6;

/**
 * Cuts lines into pieces of at most `budget` characters (UTF-16 units, line breaks counted) at the boundaries
 * that `score` likes, as full as they allow. Every line is in exactly one piece, except that a line longer than
 * the budget is cut within itself and is alone in its pieces. Lines that are blank throughout give no piece.
 *
 * @param firstLine number of the first line
 */
export function cutLines(
  lines: readonly string[],
  budget: number,
  score: BoundaryScore,
  firstLine = 1,
): Piece[] {
  const pieces: Piece[] = [];
  /** Adds `lines[from, to)`, as `texts`. Lines without a text join the piece before them, or the one after. */
  const add = (from: number, to: number, texts: readonly string[]) => {
    const last = pieces.at(-1);
    const endLine = firstLine + to - 1;
    if (texts.length === 0 && last !== undefined) pieces[pieces.length - 1] = { ...last, endLine };
    for (const [part, text] of texts.entries()) {
      const startLine = part > 0 ? firstLine + from : last === undefined ? firstLine : last.endLine + 1;
      pieces.push({ startLine, endLine, text });
    }
  };
  const addBlock = (start: number, end: number) => {
    for (const [from, to] of cutBlock(lines, start, end, budget, score)) {
      add(from, to, filledText(lines.slice(from, to)));
    }
  };
  let start = 0;
  for (const [index, line] of lines.entries()) {
    if (line.length <= budget) continue;
    addBlock(start, index);
    add(index, index + 1, line.trim() === "" ? [] : cutLongLine(line, budget));
    start = index + 1;
  }
  addBlock(start, lines.length);
  return pieces;
}

/** The lines as one text without blank lines at its ends; no text where all are blank. */
function filledText(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => line.trim() !== "");
  const end = lines.findLastIndex((line) => line.trim() !== "") + 1;
  return start === -1 ? [] : [lines.slice(start, end).join("\n")];
}

/**
 * The cheapest way to cut `lines[start, end)`, all of which fit the budget: dynamic programming over the last
 * cut, `n` lines times those that fit one piece.
 */
function cutBlock(
  lines: readonly string[],
  start: number,
  end: number,
  budget: number,
  score: BoundaryScore,
): [number, number][] {
  const count = end - start;
  const cost = new Float64Array(count + 1);
  const cutAt = new Int32Array(count + 1);
  const lengths = Int32Array.from({ length: count }, (_, index) => (lines[start + index] ?? "").length);
  const boundary = Float64Array.from({ length: count }, (_, index) =>
    index === 0 ? 0 : (1 - score(lines, start + index)) * BOUNDARY_COST,
  );
  for (let to = 1; to <= count; to++) {
    let best = Number.POSITIVE_INFINITY;
    let length = -1;
    for (let from = to - 1; from >= 0; from--) {
      length += (lengths[from] ?? 0) + 1;
      if (length > budget) break;
      const room = 1 - length / budget;
      const total = (cost[from] ?? 0) + (boundary[from] ?? 0) + room * room;
      if (total < best) {
        best = total;
        cutAt[to] = from;
      }
    }
    cost[to] = best;
  }
  const cuts: [number, number][] = [];
  for (let to = count; to > 0; to = cutAt[to] ?? 0) cuts.push([start + (cutAt[to] ?? 0), start + to]);
  return cuts.reverse();
}

/** Parts of about equal length, cut at a space where there is one nearby, and never within a character. */
function cutLongLine(line: string, budget: number): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < line.length) {
    const rest = line.length - start;
    if (rest <= budget) {
      parts.push(line.slice(start));
      break;
    }
    const wanted = start + Math.ceil(rest / Math.ceil(rest / budget));
    let end = line.lastIndexOf(" ", wanted - 1) + 1;
    if (end < start + budget / 2) end = wanted;
    const code = line.charCodeAt(end);
    // The second half of a surrogate pair goes with its first.
    if (code >= 0xdc00 && code <= 0xdfff && end - 1 > start) end--;
    parts.push(line.slice(start, end));
    start = end;
  }
  return parts;
}
