import { stat } from "node:fs/promises";
import { PatinaError } from "@patina/core";
import { stringify } from "smol-toml";
import { ioError, isSystemError } from "../files.ts";
import { projectOverlayFile, userOverlayFile } from "../home.ts";
import { HubClient } from "../hub/index.ts";
import { type ModelEntry, modelEntry } from "../model-entry.ts";
import { checkRow, hasRow, type OverlayFile, type OverlayRow, rowExists, writeRow } from "../overlay-file.ts";
import { requireKey } from "../parse.ts";
import { HUB_REPOSITORY } from "../schema-file.ts";
import type { Workspace } from "../workspace.ts";
import { hubRepository } from "./hub-repository.ts";
import { localFolder } from "./local-folder.ts";
import type { ImportAnswers } from "./questions.ts";
import { type AskMissing, type ImportedFact, readModel } from "./read-model.ts";
import type { ImportSource } from "./source.ts";

/** Options of `Registry.import`. */
export interface ImportOptions extends ImportAnswers {
  /** The model's key; default: the name of the folder or the repository, in lower case. */
  readonly key?: string | undefined;
  /** Which overlay gets the entry. Default `user`. */
  readonly overlay?: "user" | "project" | undefined;
  /** Replaces an entry that an import made, or stands in front of one of the built-in registry. */
  readonly force?: boolean | undefined;
  /** Of a repository: a branch, a tag or a commit. Default `main`. The entry names the commit. */
  readonly revision?: string | undefined;
  /** Does everything but writing. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Answers what is missing. Default: it is an error that lists all of it. */
  readonly onMissing?: AskMissing | undefined;
  /** Called with each file before it is read whole. */
  readonly onFile?: ((path: string) => void) | undefined;
}

/** What `Registry.import` did. */
export interface ImportReport {
  readonly key: string;
  readonly entry: ModelEntry;
  /** The overlay that has the entry now, or would have it. */
  readonly overlay: string;
  readonly written: boolean;
  /** The entry as it stands in the overlay. */
  readonly toml: string;
  /** Where each fact was read. */
  readonly facts: readonly ImportedFact[];
  /** Prompts of the model that are for neither queries nor passages. */
  readonly unusedPrompts: readonly string[];
}

/** Writes the entry of a model that is in a folder, or in a repository of the hub, into an overlay. */
export async function importModel(
  workspace: Workspace,
  from: string,
  options: ImportOptions,
): Promise<ImportReport> {
  const { force = false, dryRun = false } = options;
  const overlay = overlayFile(workspace, options.overlay ?? "user");
  const source = await openSource(workspace, from, options);
  const key = options.key ?? keyOf(source.name);
  requireKey(key);
  await requireFree(workspace, overlay, key, force);
  const { model, facts, unusedPrompts } = await readModel(source, options, options.onMissing);
  const toml = stringify({ models: { [key]: model } });
  const note = `From ${source.label.replace(/\s+/g, " ")}`;
  const row: OverlayRow = {
    command: "import",
    key,
    note: overlay.origin === "user" ? note : "Imported",
    toml,
  };
  await (dryRun ? checkRow(overlay, row, force) : writeRow(overlay, row, force));
  const place = { origin: overlay.origin, file: overlay.file, trusted: overlay.origin === "user" };
  const entry = modelEntry(key, model, place);
  return { key, entry, overlay: overlay.file, written: !dryRun, toml, facts, unusedPrompts };
}

/** A folder that exists, else a repository: who means a folder called as a repository is says `./OWNER/NAME`. */
async function openSource(workspace: Workspace, from: string, options: ImportOptions): Promise<ImportSource> {
  const { signal, onFile, revision } = options;
  const projectDir = options.overlay === "project" ? workspace.projectDir : undefined;
  const state = await stat(from).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw ioError("read", from, cause);
  });
  if (state?.isDirectory()) {
    if (revision === undefined) return localFolder(from, { projectDir, signal, onFile });
    const message = `${from} is a folder, which has no revisions; leave --revision out`;
    throw new PatinaError("INVALID_INPUT", message, { key: "--revision" });
  }
  if (state === undefined && HUB_REPOSITORY.test(from)) {
    const client = new HubClient(workspace.hub, workspace.retry);
    return hubRepository(client, from, { revision: revision ?? "main", signal, onFile });
  }
  const what = state === undefined ? "does not exist" : "is no folder";
  const message =
    `${from} ${what}; name the folder that holds config.json and tokenizer.json, ` +
    "or a repository of the hub as OWNER/NAME";
  throw new PatinaError("INVALID_INPUT", message, { file: from });
}

function overlayFile({ home, projectDir }: Workspace, origin: "user" | "project"): OverlayFile {
  if (origin === "user") return { file: userOverlayFile(home), origin };
  if (projectDir !== undefined) return { file: projectOverlayFile(projectDir), origin };
  const message = "there is no project here to write the entry into; go into one, or leave --project out";
  throw new PatinaError("INVALID_INPUT", message);
}

function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "");
}

/** Later overlays stand in front of earlier ones. */
const LAYERS: readonly ModelEntry["origin"][] = ["builtin", "user", "project"];

async function requireFree(
  { catalog }: Workspace,
  overlay: OverlayFile,
  key: string,
  force: boolean,
): Promise<void> {
  const taken = catalog.models().find((entry) => entry.key === key || entry.aliases.includes(key));
  if (taken === undefined) return;
  const refuse = (why: string): never => {
    throw new PatinaError("INVALID_INPUT", `there is a model ${key} already: ${why}`, {
      key,
      file: taken.file,
    });
  };
  if (taken.key !== key) refuse(`it is an alias of ${taken.key}; name another key with --as`);
  if (LAYERS.indexOf(taken.origin) > LAYERS.indexOf(overlay.origin)) {
    refuse(`${taken.file} has it, which stands in front of ${overlay.file}; name another key with --as`);
  }
  if (taken.origin !== overlay.origin) {
    if (force) return;
    refuse(`${taken.file} has it; name another key with --as, or stand in front of it with --force`);
  }
  const row = { command: "import", key } as const;
  if (!(await hasRow(overlay, row))) {
    refuse(`in ${overlay.file}, and no import wrote it; edit it there, or name another key with --as`);
  }
  if (!force) throw rowExists(row);
}
