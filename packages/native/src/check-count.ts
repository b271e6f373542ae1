import { PatinaError } from "@patina/core";

/** What N-API takes as a count: it would cut a fraction off, and anything outside of 32 bits down to them. */
const MOST = 2 ** 32 - 1;

/**
 * Checks a count before it goes to the addon.
 *
 * @throws PatinaError `INVALID_INPUT` with its name.
 */
export function checkCount(name: string, count: number | undefined, most: number = MOST): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= 1 && count <= most)) return;
  throw new PatinaError("INVALID_INPUT", `${name} has to be a whole number from 1 to ${most}, not ${count}`, {
    key: name,
  });
}
