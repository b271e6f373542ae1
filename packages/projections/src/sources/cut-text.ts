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

/** Parts of the limit that a line of the header may take; what is longer loses its beginning. */
const HEADER_SHARE = 1 / 4;

/**
 * Cuts with less and less room for the body: as much as was too long, and half after some of those. What is too long after
 * that (a line whose letters have no length of their own, say) is told by the engine, which cuts it off.
 */
const ATTEMPTS = { exact: 3, all: 7 };

/**
 * Cuts a text into pieces that come to the measure's limit at most with their headers. How long those are is known when
 * the pieces are, and a text may be a little longer than its lines by themselves: so what was cut is measured, and cut
 * again with that much less room where some of it is too long.
 */
export async function cutText(text: TextToCut, { measure, merge }: Cutting): Promise<CutPiece[]> {
  const lines = text.text.split("\n");
  const room = Math.floor(measure.limit * HEADER_SHARE);
  const header = await clippedAll(text.header, room, measure);
  const costs = (await measure.count(lines.map((line) => `${line}\n`))).map((cost) => Math.max(1, cost));
  const [fixed = 0] = header.length === 0 ? [] : await measure.count([`${header.join("\n")}\n`]);
  let budget = Math.max(1, measure.limit - fixed);
  for (let attempt = 1; ; attempt++) {
    const pieces = await cutPassages({
      path: text.path,
      kind: text.kind,
      text: text.text,
      costs,
      budget,
      merge,
    });
    const cut = await withHeaders(pieces, header, text.place, room, measure);
    const lengths = await measure.count(cut.map((one) => one.text));
    const smaller = lengths.reduce((least, length, index) => {
      const over = length - measure.limit;
      return over <= 0
        ? least
        : Math.min(least, Math.min(budget, costOf(cut[index] as CutPiece, costs)) - over);
    }, budget);
    if (smaller === budget || attempt === ATTEMPTS.all || budget === 1) return cut;
    budget = Math.max(1, attempt <= ATTEMPTS.exact ? smaller : Math.floor(smaller / 2));
  }
}

/** What the lines of a piece cost. */
function costOf({ piece }: CutPiece, costs: Uint32Array): number {
  return costs.subarray(piece.startLine - 1, piece.endLine).reduce((sum, cost) => sum + cost, 0);
}

async function withHeaders(
  pieces: readonly Piece[],
  header: readonly string[],
  place: TextToCut["place"],
  room: number,
  measure: Measure,
): Promise<CutPiece[]> {
  const said = pieces.map(place);
  const distinct = [...new Set(said.filter((line) => line !== null))];
  const clipped = await clippedAll(distinct, room, measure);
  const byLine = new Map(distinct.map((line, index) => [line, clipped[index] as string]));
  return pieces.map((piece, index) => {
    const line = byLine.get(said[index] ?? "");
    return { piece, ...passageText(line === undefined ? header : [...header, line], piece.text) };
  });
}

/** Lines that come to `room` at most, each by its end: a path's file, the innermost of the headings. */
async function clippedAll(lines: readonly string[], room: number, measure: Measure): Promise<string[]> {
  if (lines.length === 0) return [];
  const lengths = await measure.count(lines);
  return Promise.all(
    lines.map((line, index) => ((lengths[index] ?? 0) <= room ? line : clipped(line, room, measure))),
  );
}

/** The longest end of a line that fits, found by halves. */
async function clipped(line: string, room: number, measure: Measure): Promise<string> {
  const characters = [...line];
  let fits = 0;
  let tooLong = characters.length;
  const endOf = (length: number): string => `…${characters.slice(characters.length - length).join("")}`;
  while (tooLong - fits > 1) {
    const length = Math.floor((fits + tooLong) / 2);
    const [counted = 0] = await measure.count([endOf(length)]);
    if (counted <= room) fits = length;
    else tooLong = length;
  }
  return endOf(fits);
}
