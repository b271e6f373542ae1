import { isPatinaError, PatinaError } from "@patina/core";

/** Runs what reads a generation's indexes; where they are damaged the error says which command heals them. */
export function healable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isPatinaError(error, "INTEGRITY")) throw error;
    const how = "`patina oxidize` does that, embeddings come from the cache";
    throw new PatinaError("INTEGRITY", `${error.message} (${how})`, { ...error.details, cause: error });
  }
}
