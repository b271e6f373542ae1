import type { DamagedFile } from "../set-aside.ts";
import type { FetchedFile } from "../sources/source.ts";
import type { Attendance } from "../transfer/channel.ts";
import type { HubFile } from "./api.ts";

/** A repository as it was at one commit. */
export interface HubListing {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** What is wanted of one file. */
export interface HubRequest extends Attendance {
  /** The commit from a lock; without it the source's revision is resolved. */
  readonly commit?: string | undefined;
  /** What the file has to be, where a registry or a lock says so. */
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
  /** Bytes of the file that are here, and of all of it; not called where it was here already. */
  readonly onBytes?: ((bytes: number, total: number | null) => void) | undefined;
  /** Called once, when another process fetches the same file. */
  readonly onWait?: (() => void) | undefined;
  /** Called when the cache has the file with wrong bytes, which were moved aside and are fetched again. */
  readonly onDamaged?: ((damaged: DamagedFile) => void) | undefined;
}

/** A file in the cache, right by its digest. `revision` is the commit. */
export interface HubFetched extends FetchedFile {
  /** Absolute: the link in the snapshot of its commit. */
  readonly location: string;
  /** False when it was in the cache already and no byte was fetched. */
  readonly fetched: boolean;
}
