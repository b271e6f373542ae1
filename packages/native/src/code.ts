/** Source text to its outline and to passages, by the grammars of the native core. */
import { PatinaError } from "@patina/core";
import { checkCount } from "./check-count.ts";
import type { NativeCall, NativeDefinition, NativeImport, NativePiece } from "./generated/addon.ts";
import { loadAddon } from "./load.ts";
import { fromNative } from "./native-error.ts";

/** A text to be cut into pieces. */
export interface CutRequest {
  /** Of the file; its ending tells how it is cut. */
  readonly path: string;
  /** A `note` is Markdown, whatever its ending. */
  readonly kind: "code" | "note";
  readonly text: string;
  /**
   * What each line of `text.split("\n")` costs, in any unit: tokens, most likely. The empty line after a last line break may
   * be left out; a line that is not blank costs 1 at least.
   */
  readonly costs: Uint32Array;
  /** What the lines of a piece may cost together, at least 1. */
  readonly budget: number;
  /** Whether small definitions share a piece with their neighbours; else each has one of its own. Default true. */
  readonly merge?: boolean;
}

/**
 * Lines that belong together, or a part of one line that is too long. Neither the first nor the last line is blank.
 *
 * - `startLine`, `endLine`: from 1, inclusive
 * - `overlap`: how many lines at the start are the last of the piece before; only within a definition that had to be cut
 * - `symbols`: definitions that it is a part of, then those that start in it, each with the names around it:
 *   `SearchIndex.search`
 * - `headings`: first- and second-level headings of Markdown that it is under, outermost first
 * - `by`: what it was cut along; `lines` where no grammar knows the text or it could not be parsed
 */
export type Piece = Readonly<NativePiece>;

/** What {@link outlineOf} found. */
export interface Outline {
  /** `typescript`, `tsx`, `javascript`, `rust`, `python`, `go`, `java`, `c` or `cpp`. */
  readonly language: string;
  /**
   * In the order of their starts; what is around others comes before them. Lines (from 1, inclusive) and places (UTF-16 units)
   * include the comments, attributes and decorators above a definition; `doc` is what its documentation says.
   */
  readonly definitions: readonly Readonly<NativeDefinition>[];
  readonly imports: readonly Readonly<NativeImport>[];
  /** `within` is the index of the innermost definition that holds the call. */
  readonly calls: readonly Readonly<NativeCall>[];
  /** Whether some of the text did not parse: what could be read of it is here. */
  readonly broken: boolean;
}

/**
 * Cuts a text into pieces of which none costs more than the budget: along definitions where there is a grammar, along headings
 * in Markdown, else along paragraphs or lines. Every line that is not blank is in exactly one piece, but for the lines of
 * `overlap`; a line above the budget is cut within itself, each part taken to cost its share by bytes. Runs on a thread of its own.
 *
 * @throws PatinaError `INVALID_INPUT` where there is not one cost for each line, or the text holds half a surrogate pair.
 */
export async function cutPassages(request: CutRequest): Promise<Piece[]> {
  const { path, kind, text, costs, budget, merge = true } = request;
  checkCount("budget", budget);
  checkText("cutPassages", path, text);
  if (kind !== "code" && kind !== "note") {
    throw new PatinaError(
      "INVALID_INPUT",
      `cutPassages: kind has to be "code" or "note", not ${JSON.stringify(kind)}`,
    );
  }
  if (!(costs instanceof Uint32Array)) {
    throw new PatinaError(
      "INVALID_INPUT",
      "cutPassages: costs have to be a Uint32Array, as countTokens gives them",
    );
  }
  const outcome = await loadAddon().cutPassages({
    path,
    isNote: kind === "note",
    text,
    costs,
    budget,
    merge,
  });
  if (outcome.error) throw fromNative(outcome.error);
  return outcome.pieces;
}

/**
 * What a source text defines, imports and calls; `null` where no grammar knows its path's language. Broken code gives what could
 * be read of it. Runs on a thread of its own.
 *
 * @throws PatinaError `INVALID_INPUT` for a text of more than 1 MiB, one made so that parsing it would take far longer than its
 * size says, or one that holds half a surrogate pair.
 */
export async function outlineOf(path: string, text: string): Promise<Outline | null> {
  checkText("outlineOf", path, text);
  const { error, outline } = await loadAddon().outlineOf(path, text);
  if (error) throw fromNative(error);
  return outline ?? null;
}

/** Half a surrogate pair has no UTF-8: it would arrive as another text, with other places. */
function checkText(caller: string, path: string, text: string): void {
  if (typeof path !== "string" || typeof text !== "string") {
    throw new PatinaError("INVALID_INPUT", `${caller}: path and text have to be strings`);
  }
  if (!path.isWellFormed() || !text.isWellFormed()) {
    throw new PatinaError(
      "INVALID_INPUT",
      `${caller}: ${JSON.stringify(path)} holds half a surrogate pair, which is no text; toWellFormed() replaces it`,
      { file: path.toWellFormed() },
    );
  }
}
