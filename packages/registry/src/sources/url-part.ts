import { rmSync, writeFileSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isPatinaError } from "@patina/core";
import { readIfThere, unlessMissing } from "../files.ts";

/** A strong ETag as it goes into a header. */
const ETAG = /^"[\x21\x23-\x7e]*"$/;

/** What there is of one file of a `url` source, kept from one `add` to the next with its server's name for it. */
export class UrlPart {
  /** The file's beginning. */
  readonly file: string;
  readonly #folder: string;
  readonly #etagFile: string;

  /** In a folder of the file's own, which need not be there. */
  constructor(folder: string) {
    this.#folder = folder;
    this.file = join(folder, "file");
    this.#etagFile = join(folder, "etag");
  }

  /** The ETag of the file whose beginning is here, where it had one. */
  async etag(): Promise<string | undefined> {
    const etag = (await readIfThere(this.#etagFile))?.toString("latin1");
    return etag !== undefined && ETAG.test(etag) ? etag : undefined;
  }

  /**
   * Notes which file's bytes come next; there are none of another one any more. A note that is cut off has no closing
   * quote and counts as none.
   */
  keepEtag(etag: string | undefined): void {
    if (etag === undefined) rmSync(this.#etagFile, { force: true });
    else writeFileSync(this.#etagFile, etag);
  }

  /** Removes what the next `add` cannot go on with: bytes that are wrong, or none. */
  async leave(cause: unknown): Promise<void> {
    const { size } = await unlessMissing(stat(this.file), { size: 0 });
    if (size === 0 || isPatinaError(cause, "INTEGRITY")) await this.remove();
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
