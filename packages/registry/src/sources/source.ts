import { PatinaError } from "@patina/core";
import type { FileDigest } from "../files.ts";
import type { Environment } from "../home.ts";
import type { ModelEntry, ModelSource } from "../model-entry.ts";
import type { Provenance } from "../record.ts";

/** What a source is given to put one file somewhere. */
export interface FetchRequest {
  readonly entry: ModelEntry;
  /** Where the file shall be; nothing is there yet and the folder is private to this fetch. */
  readonly target: string;
  /** In bytes, where the registry or the lock knows it: a source may stop early at anything longer. */
  readonly size: number | undefined;
  /** Where the registry or the lock knows it: a source may refuse another file before it fetches it. */
  readonly sha256: string | undefined;
  /** A folder that lives as long as the whole `add`, for what several files come out of. */
  readonly workFolder: string;
  readonly env: Environment;
  readonly home: string;
  readonly projectDir: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Bytes of the file that have arrived. */
  readonly onBytes: (bytes: number, total: number | null) => void;
}

/** A file that arrived, with what was computed from its bytes on their way. */
export interface FetchedFile extends FileDigest, Provenance {}

/** A source in words, as the lock and messages name it. */
export function describeSource(source: ModelSource): string {
  switch (source.kind) {
    case "hub":
      return `hub:${source.repo}@${source.revision}/${source.path}`;
    case "wheel":
      return `wheel:${source.package}==${source.version}/${source.path}`;
    case "url":
      return `url:${source.url}`;
    case "dir":
      return `dir:${source.path}`;
  }
}

/** Whether this version can fetch from such a source at all. */
export function canFetch(source: ModelSource): boolean {
  return source.kind !== "url";
}

/** The answer of a kind of source that has no client yet. */
export function unsupported(kind: "url", request: FetchRequest): PatinaError {
  return new PatinaError(
    "MODEL_MISSING",
    `${kind} downloads are not in this version; fetch the file another way and name it in a dir source of ` +
      `an entry "${request.entry.key}" in the overlay models.toml`,
    { key: request.entry.key },
  );
}
