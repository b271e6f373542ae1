import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type ErrorCode, isPatinaError, PatinaError } from "@patina/core";
import type { AddedFile } from "./add-report.ts";
import { ioError, isSystemError, unlessMissing, writeStream } from "./files.ts";
import type { GatherJob } from "./gather.ts";
import { type ModelEntry, type ModelSource, type ModelVariant, variantFiles } from "./model-entry.ts";
import type { RecordedFile } from "./record.ts";
import { allRecords } from "./records.ts";
import type { DamagedFile } from "./set-aside.ts";
import {
  describeSource,
  type FetchedFile,
  type FetchRequest,
  isHubName,
  lockedName,
} from "./sources/source.ts";
import { type ExpectedFile, partsFolder } from "./store.ts";

/** One file to bring, and all that is needed for it. */
export interface FetchStep extends Omit<GatherJob, "locked"> {
  readonly expected: ExpectedFile;
  /** Sets its place in the work folder apart from that of the other files. */
  readonly index: number;
  /** See {@link FetchRequest.onDamaged}. */
  readonly onDamaged: (damaged: DamagedFile) => void;
}

/** A file whose digest is the expected one. */
export interface Arrival extends FetchedFile, Pick<AddedFile, "action" | "failed"> {
  /** Whether it waits in the work folder, to be moved to its place. */
  readonly isStaged: boolean;
  /** See {@link RecordedFile.downloaded}. */
  readonly downloaded: string | undefined;
}

interface Failure {
  readonly source: ModelSource;
  readonly error: PatinaError;
}

/** Brings one file: a copy that is in the store already, else its sources in their order. */
export async function fetchFile(step: FetchStep): Promise<Arrival> {
  const { expected, signal } = step;
  const { path } = expected.file;
  const target = join(step.workFolder, `file-${step.index}`);
  const copy = await reuse(step, target);
  if (copy !== undefined) {
    return { ...copy, action: "reused", failed: [], isStaged: true, downloaded: undefined };
  }
  const failures: Failure[] = [];
  for (const source of sourcesOf(step)) {
    const name = describeSource(source);
    step.report("asking", { file: path, source: name });
    try {
      const fetched = await step.sources.fetch(source, requestFor(step, source, target));
      checkDigest(step, name, fetched);
      return {
        ...fetched,
        action: fetched.fetched === false ? "reused" : "fetched",
        failed: failures.map(({ source: from, error }) => ({
          source: describeSource(from),
          reason: error.message,
        })),
        isStaged: fetched.fetched === undefined,
        downloaded: await downloadedAs(step.workspace.home, fetched),
      };
    } catch (cause) {
      const error = isPatinaError(cause) ? cause : ioError("fetch", path, cause);
      if (error.code === "ABORTED" || isSystemError(error.cause, "ENOSPC", "EROFS")) throw error;
      failures.push({ source, error });
      await rm(target, { force: true });
      if (signal?.aborted) throw error;
    }
  }
  throw allFailed(step, failures);
}

/** Under a frozen lock a file comes from where the lock says, and from nowhere else. */
function sourcesOf({ expected: { file, pin }, frozen }: FetchStep): readonly ModelSource[] {
  const named = file.sources.filter((source) => lockedName(source) === pin?.source);
  return frozen && named.length > 0 ? named : file.sources;
}

function requestFor(step: FetchStep, source: ModelSource, target: string): FetchRequest {
  const { workspace, variant, expected, workFolder, signal, onDamaged } = step;
  const { env, home, projectDir } = workspace;
  const { size, sha256, pin } = expected;
  const at = { file: expected.file.path, source: describeSource(source) };
  const pinned = pin?.source === lockedName(source) ? (pin.revision ?? undefined) : undefined;
  return {
    ...{ entry: variant.entry, target, size, sha256, pinned, workFolder },
    part: join(partsFolder(home, variant.entry.key), partName(at.file, at.source, sha256)),
    ...{ env, home, projectDir, signal, onDamaged },
    onBytes: (bytes, total) => step.report("fetching", { ...at, bytes, total }),
    onWait: () => step.report("waiting", at),
    onRetry: (retry) => step.report("retrying", { ...at, retry }),
  };
}

/** Another address or another digest is another file, which no part of this one may become. */
function partName(path: string, source: string, sha256: string | undefined): string {
  const facts = JSON.stringify([path, source, sha256 ?? null]);
  return createHash("sha256").update(facts).digest("hex");
}

/** The same bytes from another folder of the store; a copy that turns out wrong is no copy. */
async function reuse(
  { expected, workspace, signal }: FetchStep,
  target: string,
): Promise<FetchedFile | undefined> {
  if (expected.sha256 === undefined) return undefined;
  for await (const { folder, files } of allRecords(workspace.home)) {
    for (const [path, { sha256, source, revision }] of files) {
      // A file of the hub's cache is found there by its source, without a copy.
      if (sha256 !== expected.sha256 || isHubName(source)) continue;
      try {
        const copy = (): Readable => createReadStream(join(folder, path));
        const digest = await writeStream(copy, target, signal, () => undefined);
        if (digest.sha256 === sha256) return { ...digest, source, revision, location: target };
      } catch (cause) {
        if (!isSystemError(cause, "ENOENT")) throw cause;
      }
      await rm(target, { force: true });
    }
  }
  return undefined;
}

/**
 * Bytes that this store has downloaded for another variant, or under another commit, are its own to take away here as
 * well.
 */
async function downloadedAs(home: string, { fetched, location }: FetchedFile): Promise<string | undefined> {
  if (fetched === undefined) return undefined;
  if (fetched) return location;
  const blob = await realpath(location);
  for await (const { files } of allRecords(home)) {
    for (const { downloaded } of files.values()) {
      if (downloaded === undefined) continue;
      if ((await unlessMissing(realpath(downloaded), undefined)) === blob) return location;
    }
  }
  return undefined;
}

function checkDigest(step: FetchStep, source: string, { sha256, location, fetched }: FetchedFile): void {
  const { workspace, variant, expected } = step;
  const { file, sha256: wanted } = expected;
  if (wanted === undefined || wanted === sha256) return;
  const { key } = variant.entry;
  const pinnedBy =
    file.sha256 === undefined
      ? `${workspace.locks.join(" or ")} pins (\`patina model update ${key}\` shows what changed, and changes it)`
      : "the registry names";
  const where = fetched === undefined ? "" : `; it stays in the hub's cache at ${location}`;
  throw new PatinaError(
    "INTEGRITY",
    `${file.path} from ${source} is not the file that ${pinnedBy}: SHA-256 expected ${wanted}, ` +
      `found ${sha256}${where}`,
    { file: file.path, key, expected: wanted, found: sha256 },
  );
}

/** The gravest of what the sources said gives the code: wrong bytes before no network before no client. */
const GRAVITY: readonly ErrorCode[] = ["INTEGRITY", "NETWORK", "INVALID_INPUT", "IO"];

function allFailed(
  { variant: { entry, variant }, expected: { file } }: FetchStep,
  failures: readonly Failure[],
): PatinaError {
  const gravest = GRAVITY.map((code) => failures.find(({ error }) => error.code === code)).find(Boolean);
  const error = (gravest ?? failures[0])?.error;
  const said = failures.map((failure) => `\n  ${describeSource(failure.source)}: ${failure.error.message}`);
  const kinds = new Set(failures.map(({ source }) => source.kind));
  const others = entry.variants.filter(
    (other) =>
      other.runtime === variant.runtime && other !== variant && comesFromElsewhere(entry, other, kinds),
  );
  const instead =
    error?.code !== "INTEGRITY" && others.length > 0
      ? `\nFrom elsewhere: ${others.map((other) => addCommand(entry.key, other)).join(" or ")}`
      : "";
  return new PatinaError(
    error?.code ?? "MODEL_MISSING",
    `${file.path} of ${entry.key} could not be had from any of its sources:${said.join("")}${instead}`,
    { ...error?.details, key: entry.key, cause: error },
  );
}

function addCommand(key: string, { name, runtime }: ModelVariant): string {
  return `\`patina model add ${key} --variant ${name} --runtime ${runtime}\``;
}

function comesFromElsewhere(
  entry: ModelEntry,
  variant: ModelVariant,
  kinds: ReadonlySet<ModelSource["kind"]>,
): boolean {
  return variantFiles(entry, variant).every(({ sources }) => sources.some(({ kind }) => !kinds.has(kind)));
}
