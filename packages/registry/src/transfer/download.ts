import { rm } from "node:fs/promises";
import { isPatinaError, PatinaError } from "@patina/core";
import { type Attendance, type Channel, send } from "./channel.ts";
import { type PartialDigest, PartialFile } from "./partial-file.ts";
import { retrying, Transient } from "./retry.ts";
import type { HttpResponse } from "./transport.ts";
import { watched } from "./watch.ts";

/** One file to fetch, and what it has to be. */
export interface Download extends Attendance {
  readonly channel: Channel;
  readonly url: URL;
  /** The file in words, for messages. */
  readonly name: string;
  /** Where it grows; what is there already is its beginning. Nobody else writes there meanwhile. */
  readonly partial: string;
  /** In bytes, where it is known. */
  readonly size: number | undefined;
  readonly sha256: string | undefined;
  readonly gitSha1?: string | undefined;
  /** The strong ETag of the file whose beginning is there already, where it is known. */
  readonly etag?: string | undefined;
  /**
   * Called before the first byte of a file goes into `partial`, with its strong ETag where it has one. No promise: the
   * body is received at once, for what came of it would be lost if the connection broke meanwhile.
   */
  readonly onEtag?: (etag: string | undefined) => void;
  /** Throws where a response is of another file than the one that is being fetched. */
  readonly checkIdentity?: (responses: readonly HttpResponse[]) => void;
  readonly refusal: (response: HttpResponse) => PatinaError;
  /** Bytes of the file that are here, and of all of it. */
  readonly onBytes: (bytes: number, total: number | null) => void;
}

/**
 * Fetches a file into its partial file, going on after breaks where it was, and returns when it is whole, right and on
 * the disk. A wrong one is removed; one that is only incomplete stays for the next attempt.
 *
 * @throws PatinaError `INTEGRITY`, `NETWORK`, `IO`, `ABORTED`, or what `refusal` makes.
 */
export async function download(wanted: Download): Promise<PartialDigest> {
  try {
    return await downloadInto(wanted);
  } catch (cause) {
    if (isPatinaError(cause, "INTEGRITY")) await rm(wanted.partial, { force: true });
    throw cause;
  }
}

async function downloadInto(wanted: Download): Promise<PartialDigest> {
  const { channel, partial, size, signal, onRetry } = wanted;
  const file = await PartialFile.open(partial, wanted.gitSha1 === undefined ? undefined : size, signal);
  try {
    const transfer = new Transfer(wanted, file);
    if (!transfer.knowsFile || (size !== undefined && file.size > size)) await file.restart();
    if (size === undefined || file.size < size) {
      const trying = { policy: channel.policy, action: `fetch ${wanted.name}`, signal, onRetry };
      await retrying(trying, (progressed) => transfer.attempt(progressed));
    }
    const digest = await file.finish();
    check(wanted, digest);
    return digest;
  } finally {
    await file.close();
  }
}

class Transfer {
  readonly #wanted: Download;
  readonly #file: PartialFile;
  #size: number | undefined;
  #furthest: number;
  /** The strong ETag of the bytes so far, where the address itself does not say which file it is. */
  #etag: string | undefined;

  constructor(wanted: Download, file: PartialFile) {
    this.#wanted = wanted;
    this.#file = file;
    this.#size = wanted.size;
    this.#furthest = file.size;
    this.#etag = wanted.etag;
  }

  /** Whether something tells that more bytes belong to those that are there, or will tell of the whole file. */
  get knowsFile(): boolean {
    const { sha256, gitSha1, checkIdentity } = this.#wanted;
    return [this.#etag, sha256, gitSha1, checkIdentity].some((fact) => fact !== undefined);
  }

  /** One request, from where the file ends to where the connection does. */
  attempt(progressed: () => void): Promise<void> {
    const { channel, signal } = this.#wanted;
    return watched(channel.policy.stallMs, signal, async (within, arrived) => {
      const response = await this.#request(within);
      arrived();
      await this.#receive(response, progressed, arrived);
      const missing = this.#size !== undefined && this.#file.size < this.#size;
      if (missing) throw new Transient(`the connection ended at byte ${this.#file.size} of ${this.#size}`);
    });
  }

  async #request(signal: AbortSignal): Promise<HttpResponse> {
    const { channel, url, refusal, checkIdentity } = this.#wanted;
    if (!this.knowsFile) await this.#file.restart();
    const from = this.#file.size;
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (from > 0) headers.range = `bytes=${from}-`;
    if (from > 0 && this.#etag !== undefined) headers["if-range"] = this.#etag;
    const { response, redirects } = await send(channel, { method: "GET", url, headers, signal });
    try {
      if (response.status === 416 && from > 0) {
        await this.#file.restart();
        throw new Transient(`the server has no byte ${from} of it`);
      }
      if (response.status !== 200 && response.status !== 206) throw refusal(response);
      const encoding = response.header("content-encoding") ?? "identity";
      if (encoding !== "identity")
        throw new Transient(`the server sends it as ${encoding}, which was not asked for`);
      checkIdentity?.([...redirects, response]);
      const total = response.status === 206 ? await this.#resumed(response, from) : lengthOf(response);
      if (response.status === 200) {
        if (from > 0) await this.#file.restart();
        this.#etag = strongEtag(response);
        this.#wanted.onEtag?.(this.#etag);
      }
      if (total !== undefined && this.#size !== undefined && total !== this.#size) {
        throw wrongSize(this.#wanted, this.#size, total);
      }
      this.#size = total ?? this.#size;
      return response;
    } catch (cause) {
      response.discard();
      throw cause;
    }
  }

  /** The size of the whole file as a partial response states it; one that begins elsewhere than asked is of no use. */
  async #resumed(response: HttpResponse, from: number): Promise<number | undefined> {
    const range = response.header("content-range") ?? "";
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
    if (start === undefined || Number(start) !== from) {
      await this.#file.restart();
      throw new Transient(`the server was asked for byte ${from} on and sends "${range}"`);
    }
    const etag = strongEtag(response);
    if (etag !== undefined && this.#etag !== undefined && etag !== this.#etag) {
      // It does not heed `If-Range`, or not behind some cache.
      await this.#file.restart();
      throw new Transient(`the server was asked for the rest of ${this.#etag} and sends that of ${etag}`);
    }
    return total === "*" ? undefined : Number(total);
  }

  async #receive(response: HttpResponse, progressed: () => void, arrived: () => void): Promise<void> {
    const { onBytes } = this.#wanted;
    try {
      await response.receive((chunk) => {
        arrived();
        const size = this.#file.size + chunk.length;
        // Before it is written: a write that nobody waits for could fail unseen.
        if (this.#size !== undefined && size > this.#size) throw wrongSize(this.#wanted, this.#size, size);
        const busy = this.#file.add(chunk);
        if (this.#file.size > this.#furthest) {
          this.#furthest = this.#file.size;
          progressed();
        }
        onBytes(this.#file.size, this.#size ?? null);
        // Time that the disk took is no silence of the network.
        return busy?.then(arrived);
      });
    } finally {
      await this.#file.flush();
    }
  }
}

function strongEtag(response: HttpResponse): string | undefined {
  const etag = response.header("etag");
  return etag?.startsWith('"') ? etag : undefined;
}

function lengthOf(response: HttpResponse): number | undefined {
  const length = response.header("content-length");
  return length === undefined ? undefined : Number(length);
}

function wrongSize({ name, partial }: Download, expected: number, found: number): PatinaError {
  return new PatinaError(
    "INTEGRITY",
    `${name} has another size than it should: ${expected} bytes are expected, ${found} or more were found. Nothing ` +
      "of it was kept; check HF_ENDPOINT and the proxy, and run the same command again",
    { file: partial, expected: `${expected} bytes`, found: `${found} bytes` },
  );
}

function check(wanted: Download, digest: PartialDigest): void {
  if (wanted.size !== undefined && digest.size !== wanted.size)
    throw wrongSize(wanted, wanted.size, digest.size);
  checkDigest(wanted, "SHA-256", wanted.sha256, digest.sha256);
  checkDigest(wanted, "git-blob SHA-1", wanted.gitSha1, digest.gitSha1);
}

function checkDigest(
  { name, partial }: Download,
  kind: string,
  expected: string | undefined,
  found: string | undefined,
): void {
  if (expected === undefined || expected === found) return;
  throw new PatinaError(
    "INTEGRITY",
    `${name} arrived damaged or is another file: ${kind} expected ${expected}, found ${found}. Nothing of it was ` +
      "kept; run the same command again",
    { file: partial, expected, found: found ?? "nothing" },
  );
}
