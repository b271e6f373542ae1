import { rename } from "node:fs/promises";
import { PatinaError } from "@patina/core";
import type { UrlSource } from "../model-entry.ts";
import type { Channel } from "../transfer/channel.ts";
import { download } from "../transfer/download.ts";
import type { HttpResponse } from "../transfer/transport.ts";
import { describeSource, type FetchedFile, type FetchRequest } from "./source.ts";
import { UrlPart } from "./url-part.ts";

/**
 * Downloads a file from its address, going on with what an earlier `add` was cut off at; no token of anybody goes with
 * it.
 */
export async function fetchFromUrl(
  channel: Channel,
  source: UrlSource,
  request: FetchRequest,
): Promise<FetchedFile> {
  const { target, size, sha256, signal, onBytes, onRetry } = request;
  const part = new UrlPart(request.part);
  const wanted = {
    ...{ channel, url: new URL(source.url), name: source.url, partial: part.file, size, sha256 },
    ...{ signal, onBytes, onRetry },
    etag: await part.etag(),
    onEtag: (etag: string | undefined) => part.keepEtag(etag),
    refusal: (response: HttpResponse) => urlRefusal(source, response),
  };
  try {
    const { gitSha1: _, ...measured } = await download(wanted);
    await rename(part.file, target);
    await part.remove();
    return { ...measured, source: describeSource(source), revision: null, location: target };
  } catch (cause) {
    await part.leave(cause);
    throw cause;
  }
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
