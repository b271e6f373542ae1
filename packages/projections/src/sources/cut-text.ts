import { cutPassages, type Piece } from "@patina/native";
import type { Measure } from "./measure.ts";
import { type PassageText, passageText } from "./passage-text.ts";

/** A text and what stands before each of its pieces. */
export interface TextToCut {
  /** Its ending tells how it is cut. */
  readonly path: string;
  readonly kind: "code" | "note";
  readonly text: string;
  /** Lines before every piece. */
  readonly header: readonly string[];
  /** One more line before a piece; null where it has nothing to say. */
  readonly place: (piece: Piece) => string | null;
}

/** How texts are cut. */
export interface Cutting {
  readonly measure: Measure;
  /** Whether small definitions share a passage. */
  readonly merge: boolean;
}

/** A piece with its header. */
export interface CutPiece extends PassageText {
  readonly piece: Piece;
}

/** A line of a header and what it costs. */
interface HeaderLine {
  readonly text: string;
  readonly cost: number;
}

/** A piece with its header, and what that and its lines cost by themselves. */
interface MeasuredPiece extends CutPiece {
  readonly headerCost: number;
  readonly bodyCost: number;
}

/** Part of the limit that a line of the header may take; what is longer loses its beginning. */
const HEADER_SHARE = 1 / 4;

/** Part of the limit below which a text is not measured: it is hardly ever longer than its lines by themselves. */
const NEAR = 0.85;

/**
 * Cuts with less and less room for the body: as much as was too long, and half after some of those. What is too long after
 * that (a line whose letters have no length of their own, say) is told by the engine, which cuts it off.
 */
const ATTEMPTS = { exact: 3, all: 7 };

/**
 * Cuts a text into pieces that come to the measure's limit at most with their headers. How long those are is known when
 * the pieces are, and a text may be a little longer than its lines by themselves: so what comes near the limit is
 * measured, and the text cut again with that much less room where some of it is too long.
 */
export async function cutText(text: TextToCut, { measure, merge }: Cutting): Promise<CutPiece[]> {
  const { path, kind } = text;
  const room = Math.floor(measure.limit * HEADER_SHARE);
  const header = await headerLines(text.header, room, measure);
  const lines = text.text.split("\n").map((line) => `${line}\n`);
  const costs = (await measure.count(lines)).map((cost) => Math.max(1, cost));
  let budget = Math.max(1, measure.limit - sumOf(header));
  for (let attempt = 1; ; attempt++) {
    const pieces = await cutPassages({ path, kind, text: text.text, costs, budget, merge });
    const places = await placesOf(pieces, text.place, room, measure);
    const cut = pieces.map((piece, index) => withHeader(piece, [...header, ...(places[index] ?? [])], costs));
    const fitting = await fittingBudget(cut, budget, measure);
    if (fitting === budget || attempt === ATTEMPTS.all || budget === 1) return cut;
    budget = Math.max(1, attempt <= ATTEMPTS.exact ? fitting : Math.floor(fitting / 2));
  }
}

/** The budget with which the pieces that are too long are not; the same one where all of them fit. */
async function fittingBudget(
  cut: readonly MeasuredPiece[],
  budget: number,
  measure: Measure,
): Promise<number> {
  // The parts of a line that was cut within itself have no costs of their own.
  const near = cut.filter(
    ({ headerCost, bodyCost }) => bodyCost > budget || headerCost + bodyCost > measure.limit * NEAR,
  );
  const lengths = near.length === 0 ? [] : await measure.count(near.map(({ text }) => text));
  let fitting = budget;
  for (const [index, { bodyCost }] of near.entries()) {
    const over = (lengths[index] ?? 0) - measure.limit;
    if (over > 0) fitting = Math.min(fitting, Math.min(budget, bodyCost) - over);
  }
  return fitting;
}

function withHeader(piece: Piece, header: readonly HeaderLine[], costs: Uint32Array): MeasuredPiece {
  const bodyCost = costs.subarray(piece.startLine - 1, piece.endLine).reduce((sum, cost) => sum + cost, 0);
  const lines = header.map(({ text }) => text);
  return { piece, headerCost: sumOf(header), bodyCost, ...passageText(lines, piece.text) };
}

/** The line before each piece, none or one. */
async function placesOf(
  pieces: readonly Piece[],
  place: TextToCut["place"],
  room: number,
  measure: Measure,
): Promise<HeaderLine[][]> {
  const said = pieces.map(place);
  const distinct = [...new Set(said.filter((line) => line !== null))];
  const lines = await headerLines(distinct, room, measure);
  const byText = new Map(distinct.map((line, index) => [line, lines[index] as HeaderLine]));
  return said.map((line) => (line === null ? [] : [byText.get(line) as HeaderLine]));
}

function sumOf(lines: readonly HeaderLine[]): number {
  return lines.reduce((sum, { cost }) => sum + cost, 0);
}

/** Lines that come to `room` at most, each by its end: a path's file, the innermost of the headings. */
async function headerLines(lines: readonly string[], room: number, measure: Measure): Promise<HeaderLine[]> {
  if (lines.length === 0) return [];
  const costs = await measure.count(lines.map((line) => `${line}\n`));
  return Promise.all(
    lines.map(async (text, index) => {
      const cost = costs[index] ?? 0;
      return cost <= room ? { text, cost } : clipped(text, room, measure);
    }),
  );
}

/** The longest end of a line that fits, found by halves. */
async function clipped(line: string, room: number, measure: Measure): Promise<HeaderLine> {
  const characters = [...line];
  const endOf = (length: number): string => `…${characters.slice(characters.length - length).join("")}`;
  let fits = { length: 0, cost: 1 };
  let tooLong = characters.length;
  while (tooLong - fits.length > 1) {
    const length = Math.floor((fits.length + tooLong) / 2);
    const [cost = 0] = await measure.count([`${endOf(length)}\n`]);
    if (cost <= room) fits = { length, cost };
    else tooLong = length;
  }
  return { text: endOf(fits.length), cost: fits.cost };
}
