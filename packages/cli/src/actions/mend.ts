import { isPatinaError, type Runtime } from "@patina/core";
import type { Registry } from "@patina/registry";
import { warn } from "../terminal/warning.ts";
import { AddProgressTeller } from "./add-progress.ts";

/** How {@link mending} tells what it does, and what ends it. */
export interface MendOptions {
  /** Warnings as JSON. */
  readonly json?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` with a model's files. One that turns out damaged is moved aside and fetched again, which is said, and
 * `work` is done once more; what cannot be fetched again stays an `INTEGRITY` error.
 */
export async function mending<T>(
  registry: Registry,
  key: string,
  { json, signal }: MendOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY")) throw error;
    const damaged = await variantOf(registry, key, error.details.file);
    if (damaged === undefined) throw error;
    const { file, expected, found } = error.details;
    warn(
      "DAMAGED",
      `${file} is damaged (SHA-256 expected ${expected}, found ${found}); fetching it again`,
      json,
    );
    using progress = new AddProgressTeller();
    const { files } = await registry.add(key, { ...damaged, signal, onProgress: progress.show });
    progress.clear();
    for (const { damaged: gone, source } of files) {
      if (gone === null) continue;
      warn("DAMAGED", `${gone.file} was moved aside to ${gone.aside} and fetched again from ${source}`, json);
    }
    return work();
  }
}

/** The variant that a file of this machine belongs to. */
async function variantOf(
  registry: Registry,
  key: string,
  file: string | undefined,
): Promise<{ variant: string; runtime: Runtime } | undefined> {
  const status = (await registry.status(key)).find(({ files }) =>
    files.some(({ location }) => location !== null && location === file),
  );
  return status && { variant: status.variant, runtime: status.runtime };
}
