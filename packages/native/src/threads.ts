/** How many threads of this process compute at once, over all engines. */
import { PatinaError } from "@patina/core";
import { loadAddon } from "./load.ts";

const VARIABLE = "PATINA_THREADS";

/**
 * Tells the native core what the environment allows, and returns how many worker threads may compute at once.
 *
 * @throws PatinaError `INVALID_INPUT` where `PATINA_THREADS` is set to what is no count.
 */
export function applyThreadLimit(): number {
  const asked = process.env[VARIABLE];
  // Set to nothing is how a shell takes a variable back for one command.
  if (asked === undefined || asked === "") return loadAddon().limitThreads(0);
  const count = /^[0-9]{1,4}$/.test(asked) ? Number(asked) : 0;
  if (count >= 1) return loadAddon().limitThreads(count);
  throw new PatinaError(
    "INVALID_INPUT",
    `${VARIABLE} has to be a whole number from 1 to 9999, not "${asked}"`,
    {
      key: VARIABLE,
    },
  );
}
