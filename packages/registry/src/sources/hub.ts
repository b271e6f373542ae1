import { createReadStream } from "node:fs";
import { PatinaError } from "@patina/core";
import { writeStream } from "../files.ts";
import type { HubClient } from "../hub/index.ts";
import type { HubSource } from "../model-entry.ts";
import type { FetchedFile, FetchRequest } from "./source.ts";

/** Has a file of the hub in the cache that Python's tools share, and copies it into the store from there. */
export async function fetchFromHub(
  client: HubClient,
  source: HubSource,
  request: FetchRequest,
): Promise<FetchedFile> {
  const { sha256, size, signal, onBytes, target } = request;
  const { location, fetched, ...file } = await client.fetch(source, { sha256, size, signal, onBytes });
  const copy = await writeStream(
    () => createReadStream(location),
    target,
    signal,
    () => undefined,
  );
  if (copy.sha256 === file.sha256) return file;
  throw new PatinaError("INTEGRITY", `${location} changed while it was copied; run the same command again`, {
    file: location,
    expected: file.sha256,
    found: copy.sha256,
  });
}
