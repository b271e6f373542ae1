import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { type Place, parsePlace } from "@patina/projections";
import { UsageError } from "../failure.ts";

/** What a search is asked. */
export type Question =
  | { readonly kind: "query"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "like"; readonly place: Place };

/** Reads what is asked out of the command line; it is one thing. */
export function questionOf(
  words: readonly string[],
  { file, like }: { readonly file?: string; readonly like?: string },
  root: string,
): Question {
  const text = words.join(" ");
  const asked = [words.length > 0, file !== undefined, like !== undefined].filter(Boolean).length;
  if (asked > 1) throw new UsageError("a search is for a query, for --file or for --like, one of them");
  if (file !== undefined) return { kind: "file", path: fromRoot(file, root) };
  if (like !== undefined) {
    const place = parsePlace(like);
    return { kind: "like", place: { ...place, path: fromRoot(place.path, root) } };
  }
  if (text.trim() !== "") return { kind: "query", text };
  if (asked === 1) throw new UsageError("the query is empty");
  throw new UsageError("say what to look for", 'such as `patina scry "where are retries done"`');
}

/** A path as one names it from the folder one is in, from the repository's root. */
function fromRoot(path: string, root: string): string {
  const inside = relative(root, resolve(realpathSync(process.cwd()), path));
  if (inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`)) return inside.split(sep).join("/");
  throw new UsageError(`${path} is no file of the repository ${root}`);
}
