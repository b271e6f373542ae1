import type { ModelCheck, Numerics } from "./model-entry.ts";

/** One score beside what it must be. */
export interface ScoreVerdict {
  /** Index into the check's queries. */
  readonly query: number;
  /** Index into the check's documents. */
  readonly document: number;
  readonly expected: number;
  readonly got: number;
  /** Absolute. */
  readonly difference: number;
  /** `null` where there is no tolerance to judge by. */
  readonly right: boolean | null;
}

/** What a check says of an installation. */
export interface CheckVerdict {
  /** `unjudged`: the check has no tolerance for these numerics. */
  readonly verdict: "right" | "wrong" | "unjudged";
  readonly tolerance: number | null;
  /** Whether the check states it for these numerics, or it is the widest because nobody knows the numerics. */
  readonly toleranceFrom: "numerics" | "widest" | null;
  /** Query by query. */
  readonly scores: readonly ScoreVerdict[];
}

/**
 * Holds `got[i][j]`, the cosine of the check's query i with its document j, against the scores of the check. What is
 * no number is wrong.
 */
export function judgeCheck(
  check: ModelCheck,
  numerics: Numerics | null,
  got: readonly (readonly number[])[],
): CheckVerdict {
  const { tolerance, toleranceFrom } = toleranceOf(check, numerics);
  const scores = check.scores.flatMap((row, query) =>
    row.map((expected, document) => {
      const found = got[query]?.[document] ?? Number.NaN;
      const difference = Math.abs(found - expected);
      const right = tolerance === null ? null : difference <= tolerance;
      return { query, document, expected, got: found, difference, right };
    }),
  );
  const verdict = scores.some(({ right }) => right === false) ? "wrong" : "right";
  return { verdict: tolerance === null ? "unjudged" : verdict, tolerance, toleranceFrom, scores };
}

function toleranceOf(
  { tolerance, tolerances }: ModelCheck,
  numerics: Numerics | null,
): Pick<CheckVerdict, "tolerance" | "toleranceFrom"> {
  if (numerics === null) {
    // Held to less than it may need, a sound file of unknown numerics would be called wrong.
    const widest = Math.max(tolerance, ...Object.values(tolerances).map((each) => each ?? 0));
    return { tolerance: widest, toleranceFrom: "widest" };
  }
  const stated = numerics === "float32" ? tolerance : tolerances[numerics];
  return stated === undefined
    ? { tolerance: null, toleranceFrom: null }
    : { tolerance: stated, toleranceFrom: "numerics" };
}
