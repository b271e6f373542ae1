import type { ModelSpec } from "@patina/native";
import { addModel } from "./add.ts";
import type { AddOptions, AddReport } from "./add-report.ts";
import type { VariantDecision } from "./choose-variant.ts";
import { type ConvertOptions, type ConvertReport, convertModel } from "./convert.ts";
import { decideVariant } from "./decide.ts";
import { describeModel, type ModelDescription } from "./describe.ts";
import { type Environment, graphCacheFolder, patinaHome, projectIn } from "./home.ts";
import { hubSettings } from "./hub/index.ts";
import { type ImportOptions, type ImportReport, importModel } from "./import/index.ts";
import { Catalog } from "./layers.ts";
import { lockFile } from "./lock.ts";
import type { ModelEntry } from "./model-entry.ts";
import { type ModelOffers, modelOffers } from "./offers.ts";
import { type PruneOptions, type PruneReport, pruneStore } from "./prune.ts";
import { type RemoveOptions, type RemoveReport, removeModel } from "./remove.ts";
import { resolveModel } from "./resolve.ts";
import { type SearchReport, searchModels } from "./search.ts";
import { type ChoiceRequest, requireTrust, type VariantRequest } from "./select.ts";
import { type ModelStatus, modelStatus } from "./status.ts";
import type { RetryPolicy } from "./transfer/retry.ts";
import { type UpdateOptions, type UpdateReport, updateModel } from "./update.ts";
import { type VerifiedModel, type VerifyRequest, verifyModel } from "./verify.ts";
import type { Workspace } from "./workspace.ts";

/** Options of {@link openRegistry}. */
export interface RegistryOptions {
  /** The folder that holds `.patina`: its overlay and its lock take part. Without it there is no project. */
  readonly projectDir?: string;
  /** Default: `$PATINA_HOME`, else `~/.patina`. */
  readonly home?: string;
  /** Default: `process.env`. Also what pip is started with. */
  readonly env?: Environment;
  /** How patiently downloads are tried again; what is left out is as `RetryPolicy` says. */
  readonly retry?: Partial<RetryPolicy>;
  /** A registry file in place of the built-in one. */
  readonly builtin?: string;
}

/** The models there are, and their files on this machine. */
export interface Registry {
  /** The folder for optimised graphs, as `openEngine` takes it (`graphCache`). */
  readonly graphCache: string;
  /** All models, sorted by key. */
  models(): ModelEntry[];
  /** The model of a key or an alias; `MODEL_UNKNOWN` names the nearest. */
  entry(keyOrAlias: string): ModelEntry;
  /** The state of every variant of one model, or of all; no file is read and nothing is fetched. */
  status(keyOrAlias?: string): Promise<ModelStatus[]>;
  /** A model with all its variants: their files, where each may come from, which digest it must have, and its state. */
  describe(keyOrAlias: string): Promise<ModelDescription>;
  /** The models that fit every one of `words`, the best first; words of a text are told apart by blanks. */
  search(words: string): SearchReport;
  /** What `chooseRuntime` weighs: the sets of files that a request fits, and all others. Nothing is looked at on disk. */
  offers(keyOrAlias: string, request?: VariantRequest): Promise<ModelOffers>;
  /**
   * Which variant {@link Registry.resolve} would take, and why; no file is read. Left open, it is the fastest on the
   * request's processor of those that are here and near enough to float32.
   */
  choose(keyOrAlias: string, request?: ChoiceRequest): Promise<VariantDecision>;
  /**
   * Asks the sources what they have today of what the lock has, and takes it where `confirm` agrees. A look changes
   * nothing.
   */
  update(keyOrAlias: string, options: UpdateOptions): Promise<UpdateReport>;
  /** Deletes what no entry uses by any lock that is known, and what was left half-done. */
  prune(options?: PruneOptions): Promise<PruneReport>;
  /** Fetches a variant, checks it and locks it. Left open, the choice is among those that can be fetched as well. */
  add(keyOrAlias: string, options?: AddOptions): Promise<AddReport>;
  /**
   * A model's files as an engine takes them, offline. Files that are not known to be right are read and digested first.
   * `MODEL_MISSING` names the command to run, `INTEGRITY` the file, `VARIANT_UNKNOWN` says why `auto` takes none.
   */
  resolve(keyOrAlias: string, request?: ChoiceRequest): Promise<ModelSpec>;
  /**
   * As {@link Registry.resolve}, but reads every file whole, whatever is on record of it, and hands out what the
   * vectors can be held against.
   */
  verify(keyOrAlias: string, request?: VerifyRequest): Promise<VerifiedModel>;
  /**
   * Makes a model of its own, under another key, out of one in float32 or another float type: its files in the store, its row in the user's
   * overlay. Open the registry again to see it.
   */
  convert(keyOrAlias: string, options: ConvertOptions): Promise<ConvertReport>;
  /**
   * Writes the entry of a model in a folder, or in a repository of the hub (`OWNER/NAME`), as sentence-transformers lays
   * it out, into an overlay. Open the registry again to see it. What the files do not say is an error that names every missing answer.
   */
  import(from: string, options?: ImportOptions): Promise<ImportReport>;
  /**
   * Deletes a variant's files, or all of the model's when neither a variant nor a runtime is named. `INVALID_INPUT` where
   * several runtimes have a variant of the name and none is named.
   */
  remove(keyOrAlias: string, options?: RemoveOptions): Promise<RemoveReport>;
}

/** Reads the registry and its overlays. The result is a snapshot: open again to see a changed file. */
export async function openRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const env = options.env ?? process.env;
  const home = patinaHome(env, options.home);
  const projectDir = projectIn(options.projectDir, home);
  const catalog = await Catalog.load({ home, projectDir, builtin: options.builtin });
  const lock = lockFile(home, projectDir);
  const homeLock = lockFile(home, undefined);
  const locks = lock === homeLock ? [lock] : [lock, homeLock];
  const { retry = {} } = options;
  const hub = hubSettings(env);
  const workspace: Workspace = { catalog, env, retry, home, hub, projectDir, lock, locks };
  return {
    graphCache: graphCacheFolder(home),
    models: () => catalog.models(),
    entry: (key) => catalog.entry(key),
    status: (key) => modelStatus(workspace, key),
    describe: (key) => describeModel(workspace, key),
    search: (words) => searchModels(catalog.models(), words),
    offers: (key, request = {}) => modelOffers(workspace, key, request),
    choose: async (key, request = {}) => {
      const entry = catalog.entry(key);
      requireTrust(entry);
      return (await decideVariant(workspace, entry, request, "here")).decision;
    },
    add: (key, add = {}) => addModel(workspace, key, add),
    update: (key, update) => updateModel(workspace, key, update),
    prune: (options = {}) => pruneStore(workspace, options),
    resolve: (key, request = {}) => resolveModel(workspace, key, request),
    verify: (key, request = {}) => verifyModel(workspace, key, request),
    convert: (key, convert) => convertModel(workspace, key, convert),
    import: (from, imports = {}) => importModel(workspace, from, imports),
    remove: (key, options = {}) => removeModel(workspace, key, options),
  };
}
