import { sha256 } from "../generation/identity.ts";

/** Hex digits of a result's name: among the results that are remembered no two share it by chance. */
const DIGITS = 8;

/** Short name of a result: the same query that finds the same passage gives the same one, in any generation. */
export function resultId(query: string, passage: string): string {
  return sha256(`${query}\0${passage}`).slice(0, DIGITS);
}
