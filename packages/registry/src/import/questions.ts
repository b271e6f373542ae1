import { PatinaError } from "@patina/core";
import type { Numerics } from "../model-entry.ts";
import type { RawModel } from "../schema.ts";

/** What a person says of a model where its files do not, or instead of them where that is a matter of choice. */
export interface ImportAnswers {
  /** For people; default: the name of the folder or the repository. */
  readonly name?: string | undefined;
  /** As SPDX writes it: `MIT`, `Apache-2.0`. */
  readonly license?: string | undefined;
  readonly pooling?: RawModel["pooling"] | undefined;
  /** Whether vectors are brought to unit length. */
  readonly normalize?: boolean | undefined;
  /** Tokens a text may have, special tokens included. */
  readonly maxTokens?: number | undefined;
  /** The shortest cut that the model was trained for (MRL); no file says it. */
  readonly minDimension?: number | undefined;
  /** `{text}` alone for the text as it is. */
  readonly queryTemplate?: string | undefined;
  readonly passageTemplate?: string | undefined;
  /** Fills `{task}` in a template. */
  readonly defaultTask?: string | undefined;
  /** What variants compute in whose files were not opened, by their names. */
  readonly numerics?: Readonly<Record<string, Numerics>> | undefined;
}

/** A fact and where it was read. */
export interface Known<T> {
  readonly value: T;
  /** A file's path, or `given`. */
  readonly from: string;
}

/** Where a fact comes from that a person said. */
export const GIVEN = "given";

/** A fact that nobody has said, by the flag of `patina model import` that says it. */
export interface MissingAnswer {
  /** With what it takes: `--pooling mean|cls|last`. */
  readonly flag: string;
  readonly what: string;
}

/** Collects what neither the files nor a person say, so that it is told at once and not flag by flag. */
export class Questions {
  readonly #missing: MissingAnswer[] = [];

  /** In the order in which they were to be settled. */
  get missing(): readonly MissingAnswer[] {
    return this.#missing;
  }

  /** What was answered, else what was found, else one more question; `fallback` stands in until all are told. */
  settle<T>(
    answer: T | undefined,
    found: Known<T> | undefined,
    fallback: T,
    flag: string,
    what: string,
  ): Known<T> {
    if (answer !== undefined) return { value: answer, from: GIVEN };
    if (found !== undefined) return found;
    this.#missing.push({ flag, what });
    return { value: fallback, from: "" };
  }

  /** @throws PatinaError `INVALID_INPUT` that lists every question by the flag that answers it. */
  close(label: string): void {
    if (this.#missing.length === 0) return;
    const width = Math.max(...this.#missing.map(({ flag }) => flag.length));
    const lines = this.#missing.map(({ flag, what }) => `  ${flag.padEnd(width)}  ${what}`);
    const message = `${label} does not say all that decides its vectors; nothing is guessed, so add:\n${lines.join("\n")}`;
    throw new PatinaError("INVALID_INPUT", message, {
      key: this.#missing.map(({ flag }) => flag.split(" ")[0]).join(" "),
    });
  }
}

/** The error where a person and a file say different things of what is no matter of choice. */
export function contradiction(flag: string, given: unknown, path: string, found: unknown): PatinaError {
  const message = `${flag} says ${given} and ${path} says ${found}; leave ${flag} out, or correct the file`;
  return new PatinaError("INVALID_INPUT", message, { file: path, key: flag, expected: String(found) });
}
