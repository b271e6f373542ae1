import { once } from "node:events";

/** Thrown when the reader of the standard output has gone (`patina … | head -1`): the command ends, quietly. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

let failure: Error | undefined;
// Kept here, because Bun 1.4 leaves `writableNeedDrain` of the standard output false.
let needsDrain = false;

// Without a listener the first failed write would end the process as an unknown exception.
process.stdout.on("error", (error: Error) => {
  failure = error;
});

/**
 * Writes to the standard output and waits while its reader is slower than this process, so that what was printed
 * and not yet read never piles up in memory.
 *
 * @throws ReaderGone when nobody reads any more; the system's error when the output cannot be written (a full disk).
 */
export async function print(text: string): Promise<void> {
  write(text);
  await flush();
}

/** Writes without waiting, for a caller that cannot; {@link flush} waits for it. */
export function write(text: string): void {
  if (failure) throw endOf(failure);
  if (!process.stdout.write(text)) needsDrain = true;
}

/** Waits until what was written has been handed over, so that a failed write is not missed. */
export async function flush(): Promise<void> {
  if (needsDrain && !failure) {
    try {
      await once(process.stdout, "drain");
    } catch (error) {
      throw endOf(error as Error);
    }
    needsDrain = false;
  }
  if (failure) throw endOf(failure);
}

function endOf(error: Error): Error {
  return (error as NodeJS.ErrnoException).code === "EPIPE" ? new ReaderGone() : error;
}
