/** A stream of texts through an engine: the cores always have work, and no more is held than they need for that. */
import { type Embedding, type EmbeddingMatrix, throwIfAborted, untilAborted } from "@patina/core";

/**
 * Groups that are under way at once. While one ends on some of the workers, the others begin the next; a third is there
 * when those come free.
 */
const DEPTH = 3;

/** The texts of a source, `size` together. */
export async function* groups(
  texts: AsyncIterable<string> | Iterable<string>,
  size: number,
): AsyncGenerator<string[], void, undefined> {
  let group: string[] = [];
  for await (const text of texts) {
    group.push(text);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/**
 * Embeds groups as they come and yields their rows in order: a group that is ready does not wait for the source, and the
 * source is not read further while {@link DEPTH} groups are under way. However it ends, no group goes on: the signal that
 * `embed` gets is aborted by then.
 *
 * @throws PatinaError `ABORTED` once `signal` is aborted, whatever is being waited for.
 */
export async function* pipeline(
  source: AsyncGenerator<string[], void, undefined>,
  embed: (group: string[], signal: AbortSignal) => Promise<EmbeddingMatrix>,
  signal?: AbortSignal,
): AsyncGenerator<Embedding, void, undefined> {
  // Joined by hand: Node 20.0 has no AbortSignal.any yet.
  const own = new AbortController();
  const forward = (): void => own.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward, { once: true });
  const running: Promise<EmbeddingMatrix>[] = [];
  /** The read that is under way, or whose result is yet to be taken. */
  let reading: Promise<IteratorResult<string[], void>> | undefined;
  /** Whether the source has yet to answer that read. */
  let pending = false;
  const read = async (): Promise<IteratorResult<string[], void>> => {
    pending = true;
    try {
      return await source.next();
    } finally {
      pending = false;
    }
  };
  let ended = false;
  let failed = false;
  try {
    while (true) {
      throwIfAborted(own.signal);
      if (!ended && running.length < DEPTH) reading ??= quiet(read());
      const [oldest] = running;
      if (oldest === undefined && reading === undefined) return;
      const first = await untilAborted(
        Promise.race([
          ...(oldest === undefined ? [] : [oldest.then((matrix) => ({ matrix }))]),
          ...(reading === undefined ? [] : [reading.then((read) => ({ read }))]),
        ]),
        own.signal,
      );
      if ("matrix" in first) {
        running.shift();
        for (let row = 0; row < first.matrix.rows; row++) {
          // The caller may have taken its time over the last row.
          throwIfAborted(own.signal);
          yield first.matrix.at(row);
        }
      } else {
        reading = undefined;
        if (first.read.done) ended = true;
        else running.push(quiet(embed(first.read.value, own.signal)));
      }
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    signal?.removeEventListener("abort", forward);
    own.abort();
    const closed = quiet(source.return());
    // A caller that stops early does not wait for a source that is slow to give its next text. What goes wrong in the
    // source's end is the caller's to know, as in any loop, unless there is an error already, which came first.
    if (!pending) await (failed ? closed.catch(() => undefined) : closed);
  }
}

/**
 * The promise itself. Should it fail while another is awaited, it does so when its turn comes, and nobody's where the
 * caller stops early; either would end a process as a rejection that is not handled.
 */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
