import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type ErrorCode, isPatinaError, PatinaError } from "@patina/core";
import type { AddedFile, Report } from "./add-report.ts";
import { ioError, isSystemError, writeStream } from "./files.ts";
import type { ModelEntry } from "./model-entry.ts";
import { readRecord } from "./record.ts";
import { isFetchable, variantLabel } from "./select.ts";
import type { SourceClients } from "./sources/index.ts";
import { describeSource, type FetchedFile } from "./sources/source.ts";
import { type ExpectedFile, subfolders } from "./store.ts";
import type { Workspace } from "./workspace.ts";

/** One file to bring, and all that is needed for it. */
export interface FetchStep {
  readonly workspace: Workspace;
  readonly entry: ModelEntry;
  readonly expected: ExpectedFile;
  readonly target: string;
  readonly workFolder: string;
  readonly sources: SourceClients;
  readonly signal: AbortSignal | undefined;
  readonly report: Report;
}

/** A file at its step's target, its digest being the expected one. */
export type Arrival = FetchedFile & Pick<AddedFile, "action" | "failed">;

interface Failure {
  readonly source: string;
  readonly error: PatinaError;
}

/** Brings one file: a copy that is on this machine already, else its sources in their order. */
export async function fetchFile(step: FetchStep): Promise<Arrival> {
  const { expected, signal, target } = step;
  const copy = await reuse(step);
  if (copy !== undefined) return { ...copy, action: "reused", failed: [] };
  const failures: Failure[] = [];
  for (const source of expected.file.sources) {
    const name = describeSource(source);
    step.report("asking", { file: expected.file.path, source: name });
    try {
      const { workspace, entry, workFolder } = step;
      const { env, home, projectDir } = workspace;
      const { size, sha256 } = expected;
      const onBytes = (bytes: number, total: number | null) =>
        step.report("fetching", { file: expected.file.path, source: name, bytes, total });
      const request = { entry, target, size, sha256, workFolder, env, home, projectDir, signal, onBytes };
      const fetched = await step.sources.fetch(source, request);
      checkDigest(step, name, fetched);
      const failed = failures.map((failure) => ({ source: failure.source, reason: failure.error.message }));
      return { ...fetched, action: "fetched", failed };
    } catch (cause) {
      const error = isPatinaError(cause) ? cause : ioError("fetch", expected.file.path, cause);
      if (error.code === "ABORTED" || isSystemError(error.cause, "ENOSPC", "EROFS")) throw error;
      failures.push({ source: name, error });
      await rm(target, { force: true });
    }
  }
  throw allFailed(step, failures);
}

/** The same bytes from another folder of the store; a copy that turns out wrong is no copy. */
async function reuse(step: FetchStep): Promise<FetchedFile | undefined> {
  const { expected, workspace, target, signal } = step;
  if (expected.sha256 === undefined) return undefined;
  for (const model of await subfolders(join(workspace.home, "models"))) {
    for (const folder of await subfolders(model)) {
      for (const [path, { sha256, source, revision }] of await readRecord(folder)) {
        if (sha256 !== expected.sha256) continue;
        try {
          const copy = (): Readable => createReadStream(join(folder, path));
          const digest = await writeStream(copy, target, signal, () => undefined);
          if (digest.sha256 === sha256) return { ...digest, source, revision };
        } catch (cause) {
          if (!isSystemError(cause, "ENOENT")) throw cause;
        }
        await rm(target, { force: true });
      }
    }
  }
  return undefined;
}

function checkDigest(step: FetchStep, source: string, { sha256 }: FetchedFile): void {
  const { file, sha256: wanted } = step.expected;
  if (wanted === undefined || wanted === sha256) return;
  const pinnedBy =
    file.sha256 === undefined
      ? `${step.workspace.locks.join(" or ")} pins (if the change is wanted, run \`patina model remove ` +
        `${step.entry.key}\` and add it again)`
      : "the registry names";
  throw new PatinaError(
    "INTEGRITY",
    `${file.path} from ${source} is not the file that ${pinnedBy}: SHA-256 expected ${wanted}, found ${sha256}`,
    { file: file.path, key: step.entry.key, expected: wanted, found: sha256 },
  );
}

/** The gravest of what the sources said gives the code: wrong bytes before no network before no client. */
const GRAVITY: readonly ErrorCode[] = ["INTEGRITY", "NETWORK", "INVALID_INPUT", "IO"];

function allFailed({ entry, expected: { file } }: FetchStep, failures: readonly Failure[]): PatinaError {
  const gravest = GRAVITY.map((code) => failures.find(({ error }) => error.code === code)).find(Boolean);
  const error = (gravest ?? failures[0])?.error;
  const said = failures.map((failure) => `\n  ${failure.source}: ${failure.error.message}`).join("");
  const others = entry.variants.filter((variant) => isFetchable(entry, variant)).map(variantLabel);
  const instead =
    error?.code === "MODEL_MISSING" && others.length > 0
      ? `\nVariants of ${entry.key} that can be fetched: ${others.join(", ")}`
      : "";
  return new PatinaError(
    error?.code ?? "MODEL_MISSING",
    `${file.path} of ${entry.key} could not be had from any of its sources:${said}${instead}`,
    { ...error?.details, key: entry.key, cause: error },
  );
}
