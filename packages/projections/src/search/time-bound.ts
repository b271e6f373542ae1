import { PatinaError } from "@patina/core";
import { parseMoment } from "../recipe/schema.ts";

/** Seconds of the units that a span may have; a month is 30 days and a year 365. */
const UNITS: readonly (readonly [pattern: RegExp, seconds: number])[] = [
  [/^(?:h|hours?)$/, 3_600],
  [/^(?:d|days?)$/, 86_400],
  [/^(?:w|weeks?)$/, 7 * 86_400],
  [/^(?:m|mo|months?)$/, 30 * 86_400],
  [/^(?:y|years?)$/, 365 * 86_400],
];

/** A day as `parseMoment` takes it. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Unix seconds of a bound of a time range: a number is taken as it is, a text is a date (`2024-05-01`, UTC, or with a
 * time and a zone) or a span before now (`2w`, `3 months`, `36h`). As an upper bound, a day ends with its last second.
 *
 * @throws PatinaError `INVALID_INPUT` for anything else.
 */
export function timeBound(
  bound: "since" | "until",
  value: string | number,
  now: number = Date.now() / 1_000,
): number {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw invalid(bound, String(value));
  }
  const text = value.trim();
  const [, count, unit] = /^(\d{1,5})\s*([a-z]+)(?:\s+ago)?$/i.exec(text) ?? [];
  if (count !== undefined) {
    const seconds = UNITS.find(([pattern]) => pattern.test(unit?.toLowerCase() ?? ""))?.[1];
    if (seconds === undefined) throw invalid(bound, text);
    return Math.floor(now - Number(count) * seconds);
  }
  const moment = /^\d{4}-\d{2}-\d{2}(?:[T ].+)?$/.test(text) ? parseMoment(text) : null;
  if (moment === null) throw invalid(bound, text);
  return bound === "until" && DAY.test(text) ? moment + 86_400 - 1 : moment;
}

function invalid(bound: string, text: string): PatinaError {
  const what = `\`${bound}\` is a date such as 2024-05-01 or a span such as 2w, 10 days or 3 months, not “${text}”`;
  return new PatinaError("INVALID_INPUT", what, { key: bound });
}
