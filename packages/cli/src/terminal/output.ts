import { once } from "node:events";

/** Thrown when the reader of the standard output has gone (`patina … | head -1`): the command ends, quietly. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

let failure: Error | undefined;
let watched = false;

/**
 * Writes to the standard output and waits while its reader is slower than this process, so that what was printed
 * and not yet read never piles up in memory.
 *
 * @throws ReaderGone when nobody reads any more; the system's error when the output cannot be written (a full disk).
 */
export async function print(text: string): Promise<void> {
  const { stdout } = process;
  if (!watched) {
    // Without a listener the first failed write would end the process as an unknown exception.
    stdout.on("error", (error: Error) => {
      failure = error;
    });
    watched = true;
  }
  if (failure) throw endOf(failure);
  if (!stdout.write(text)) {
    try {
      await once(stdout, "drain");
    } catch (error) {
      throw endOf(error as Error);
    }
  }
  if (failure) throw endOf(failure);
}

/** Waits until all that was printed has been handed over, so that a failed last write is not missed. */
export async function flush(): Promise<void> {
  if (!watched) return;
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  if (failure) throw endOf(failure);
}

function endOf(error: Error): Error {
  return (error as NodeJS.ErrnoException).code === "EPIPE" ? new ReaderGone() : error;
}
