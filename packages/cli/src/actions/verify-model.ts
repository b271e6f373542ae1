import { cosine, openEngine } from "@patina/engine";
import { type CheckVerdict, judgeCheck, type VerifiedModel } from "@patina/registry";
import type { ModelOptions } from "../commands/options.ts";
import { EXIT } from "../failure.ts";
import { Interrupt } from "../interrupt.ts";
import { print } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { safeJson } from "../terminal/visible.ts";
import { mending } from "./mend.ts";
import type { JsonOptions } from "./model.ts";
import { choiceFor, openProjectRegistry } from "./model-choice.ts";
import { verifyText } from "./verify-text.ts";

/**
 * `patina model verify`: every byte of a model's files against their digests, then its vectors against scores that
 * others computed. Exits with 1 when a score is wrong.
 */
export async function verifyModel(key: string, options: ModelOptions & JsonOptions): Promise<void> {
  const line = new ProgressLine();
  using interrupt = new Interrupt(() => line.clear());
  const { signal } = interrupt;
  const registry = await openProjectRegistry();
  const entry = registry.entry(key);
  const { choice } = await choiceFor(registry, entry, options);
  const onFile = (path: string): void => line.update(path, `reading ${path}`);
  const read = () => registry.verify(entry.key, { ...choice, signal, onFile }).finally(() => line.clear());
  const model = await mending(registry, entry.key, { json: options.json, signal }, read);
  line.end();
  const verdict = await checkVectors(model, signal);
  if (verdict?.verdict === "wrong") process.exitCode = EXIT.negative;
  await print(options.json ? `${safeJson(toJson(model, verdict), 2)}\n` : verifyText(model, verdict));
}

/** What the check says of the vectors; `null` where the registry has none. */
async function checkVectors(
  { spec, numerics, check }: VerifiedModel,
  signal: AbortSignal,
): Promise<CheckVerdict | null> {
  if (check === null) return null;
  await using engine = await openEngine(spec, { runtime: spec.runtime });
  const queries = await engine.embedBatch(check.queries, { kind: "query", signal });
  const documents = await engine.embedBatch(check.documents, { kind: "passage", signal });
  const scores = check.queries.map((_, query) =>
    check.documents.map((_, document) => cosine(queries.row(query), documents.row(document))),
  );
  return judgeCheck(check, numerics, scores);
}

function toJson({ spec, files, numerics, check }: VerifiedModel, verdict: CheckVerdict | null): object {
  const { key, variant, runtime } = spec;
  const scores = verdict?.scores.map((score) => ({
    ...score,
    query: check?.queries[score.query],
    document: check?.documents[score.document],
  }));
  return {
    ...{ key, variant, runtime, numerics, files },
    // Digests alone say that the files are the publisher's, and nothing of what is computed from them.
    vectors: verdict === null ? { verdict: "no-check" } : { ...verdict, source: check?.source, scores },
  };
}
