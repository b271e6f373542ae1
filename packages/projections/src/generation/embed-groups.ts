import { isPatinaError, PatinaError } from "@patina/core";
import type { DistinctText, DocumentsWriter } from "./documents-writer.ts";
import type { EmbedRequest } from "./ensure-embedded.ts";
import type { ProgressMeter } from "./progress.ts";
import { lengthOf, TextGroups } from "./text-groups.ts";

/** Groups the engine has at once: its workers go on with the next while the last texts of one are in work. */
const GROUPS_IN_FLIGHT = 2;

/** Embeds texts into the cache, a commit for every group. The first failure ends all of it. */
export async function embedGroups(request: EmbedRequest, texts: readonly DistinctText[]): Promise<void> {
  // All workers draw from it, so each text is taken once.
  const groups = new TextGroups(texts);
  const progress = new GroupProgress(request.meter, groups.length);
  const failure = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failure.signal]) : failure.signal;
  const work = async (): Promise<void> => {
    for (let group = groups.take(); group.length > 0; group = groups.take()) {
      const started = performance.now();
      const tokens = await embedGroup(request, group, signal, (done) => progress.at(group, done));
      groups.measured(group, (performance.now() - started) / 1_000);
      progress.finish(group, tokens);
    }
  };
  const workers = Array.from({ length: GROUPS_IN_FLIGHT }, () =>
    work().catch((error: unknown) => failure.abort(error)),
  );
  // Nothing writes to the cache any more when the failure is thrown.
  await Promise.all(workers);
  if (failure.signal.aborted) throw failure.signal.reason;
}

async function embedGroup(
  { engine, cache, scope, documents }: EmbedRequest,
  group: readonly DistinctText[],
  signal: AbortSignal,
  onTexts: (done: number) => void,
): Promise<number> {
  const texts = group.map(({ row }) => documents.passage(row).text);
  const digests = group.map(({ digest }) => digest);
  try {
    const matrix = await engine.embedBatch(texts, {
      kind: "passage",
      signal,
      onProgress: ({ done }) => onTexts(done),
    });
    cache.put(scope, digests, matrix);
    return matrix.tokens.reduce((sum, tokens) => sum + tokens, 0);
  } catch (error) {
    throw namePassage(error, documents, group);
  }
}

/** An engine names the text at fault by its place in the call; whoever reads the error needs the passage. */
function namePassage(error: unknown, documents: DocumentsWriter, group: readonly DistinctText[]): unknown {
  if (!isPatinaError(error) || error.details.index === undefined) return error;
  const text = group[error.details.index];
  if (text === undefined) return error;
  const { path, title } = documents.passage(text.row);
  const { index: _, ...details } = error.details;
  return new PatinaError(error.code, `${error.message} (in the passage “${title}”)`, {
    ...details,
    ...(path === null ? { key: title } : { file: path }),
    cause: error,
  });
}

/** Adds up what groups that run side by side say of themselves. */
class GroupProgress {
  readonly #meter: ProgressMeter;
  readonly #totalLength: number;
  readonly #running: Map<readonly DistinctText[], number> = new Map();
  #texts = 0;
  #length = 0;

  constructor(meter: ProgressMeter, totalLength: number) {
    this.#meter = meter;
    this.#totalLength = totalLength;
  }

  at(group: readonly DistinctText[], done: number): void {
    this.#running.set(group, done);
    this.#tell();
  }

  finish(group: readonly DistinctText[], tokens: number): void {
    this.#running.delete(group);
    this.#texts += group.length;
    this.#length += lengthOf(group);
    this.#meter.tokens += tokens;
    this.#tell();
  }

  /** Length measures the work better than the number of texts, which come longest first. */
  #tell(): void {
    let texts = this.#texts;
    let length = this.#length;
    for (const [group, done] of this.#running) {
      texts += done;
      length += (lengthOf(group) * done) / group.length;
    }
    this.#meter.at(texts, length / Math.max(1, this.#totalLength));
  }
}
