import { rename } from "node:fs/promises";
import { PatinaError } from "@patina/core";
import type { UrlSource } from "../model-entry.ts";
import type { Channel } from "../transfer/channel.ts";
import { download } from "../transfer/download.ts";
import type { HttpResponse } from "../transfer/transport.ts";
import { describeSource, type FetchedFile, type FetchRequest } from "./source.ts";

/** Downloads a file from its address; no token of anybody goes with it. */
export async function fetchFromUrl(
  channel: Channel,
  source: UrlSource,
  request: FetchRequest,
): Promise<FetchedFile> {
  const { target, size, sha256, signal, onBytes, onRetry } = request;
  const partial = `${target}.incomplete`;
  const refusal = (response: HttpResponse) => urlRefusal(source, response);
  const url = new URL(source.url);
  const wanted = { channel, url, name: source.url, partial, size, sha256, refusal, signal, onBytes, onRetry };
  const { gitSha1: _, ...measured } = await download(wanted);
  await rename(partial, target);
  return { ...measured, source: describeSource(source), revision: null, location: target };
}

function urlRefusal({ url }: UrlSource, { status }: HttpResponse): PatinaError {
  const gone = status === 404 || status === 410;
  const advice = gone
    ? "there is no such file; correct the address in the registry's entry"
    : "the address asks for something this source does not have, a login for one; fetch the file by other means and " +
      "name it in a dir source";
  return new PatinaError(gone ? "MODEL_MISSING" : "NETWORK", `${url} answers ${status}: ${advice}`, {
    key: url,
    found: `${status}`,
  });
}
