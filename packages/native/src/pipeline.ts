/** A stream of texts through an engine: the cores always have work, and no more is held than they need for that. */
import type { Embedding, EmbeddingMatrix } from "@patina/core";

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
 * source is not read further while {@link DEPTH} groups are under way.
 */
export async function* pipeline(
  source: AsyncGenerator<string[], void, undefined>,
  embed: (group: string[]) => Promise<EmbeddingMatrix>,
): AsyncGenerator<Embedding, void, undefined> {
  const running: Promise<EmbeddingMatrix>[] = [];
  /** The read that is under way. */
  let reading: Promise<IteratorResult<string[], void>> | undefined;
  let ended = false;
  try {
    while (true) {
      if (!ended && running.length < DEPTH) reading ??= quiet(source.next());
      const [oldest] = running;
      if (oldest === undefined && reading === undefined) return;
      const first = await Promise.race([
        ...(oldest === undefined ? [] : [oldest.then((matrix) => ({ matrix }))]),
        ...(reading === undefined ? [] : [reading.then((read) => ({ read }))]),
      ]);
      if ("matrix" in first) {
        running.shift();
        for (let row = 0; row < first.matrix.rows; row++) yield first.matrix.at(row);
      } else {
        reading = undefined;
        if (first.read.done) ended = true;
        else running.push(quiet(embed(first.read.value)));
      }
    }
  } finally {
    // A caller that stops early does not wait for a source that is slow to give its next text.
    const closed = quiet(source.return());
    if (reading === undefined) await closed;
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
