import { readFile } from "node:fs/promises";
import { nearest, PatinaError } from "@patina/core";
import builtinText from "../../../resources/models/registry.toml" with { type: "text" };
import { ioError, readIfThere } from "./files.ts";
import { projectOverlayFile, userOverlayFile } from "./home.ts";
import { type ModelEntry, modelEntry } from "./model-entry.ts";
import { decodeRegistry, parseRegistry } from "./parse.ts";
import { registryError } from "./problem.ts";
import type { Origin } from "./rules.ts";
import { isTrusted } from "./trust.ts";

/** Bundled as text, so that a package or a compiled binary carries it; the types of `*.toml` say `any`. */
const BUILTIN: string = builtinText;

interface Layer {
  readonly origin: Origin;
  readonly file: string;
  readonly text: string;
  readonly trusted: boolean;
}

/** The entries of all layers, a later layer's replacing a whole entry of an earlier one. */
export class Catalog {
  readonly #entries = new Map<string, ModelEntry>();
  readonly #ofAllLayers: ModelEntry[] = [];
  readonly #keyOfAlias = new Map<string, string>();

  /** Reads the built-in registry (or the file given in its place), the user's overlay and the project's. */
  static async load(options: {
    home: string;
    projectDir: string | undefined;
    builtin: string | undefined;
  }): Promise<Catalog> {
    const catalog = new Catalog();
    for (const layer of await readLayers(options)) catalog.#add(layer);
    return catalog;
  }

  /** All entries, sorted by key. */
  models(): ModelEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The entries of every layer that is trusted, those that a later layer hides included. */
  trusted(): ModelEntry[] {
    return this.#ofAllLayers.filter(({ trusted }) => trusted);
  }

  /** The entry a key or an alias names. */
  entry(keyOrAlias: string): ModelEntry {
    const found = this.#entries.get(this.#keyOfAlias.get(keyOrAlias) ?? keyOrAlias);
    if (found !== undefined) return found;
    const suggestion = nearest(keyOrAlias, [...this.#entries.keys(), ...this.#keyOfAlias.keys()]);
    const hint = suggestion === undefined ? ";" : `; did you mean "${suggestion}"?`;
    throw new PatinaError(
      "MODEL_UNKNOWN",
      `no model is called ${JSON.stringify(keyOrAlias)}${hint} \`patina model list\` shows all`,
      { key: keyOrAlias, ...(suggestion === undefined ? {} : { suggestion }) },
    );
  }

  #add(layer: Layer): void {
    const raw = parseRegistry(layer.text, layer.file, layer.origin);
    for (const [key, model] of Object.entries(raw.models ?? {})) {
      const entry = modelEntry(key, model, layer);
      this.#entries.set(key, entry);
      this.#ofAllLayers.push(entry);
    }
    this.#keyOfAlias.clear();
    for (const entry of this.#entries.values()) {
      for (const [index, alias] of entry.aliases.entries()) this.#addAlias(layer, entry, alias, index);
    }
  }

  #addAlias(layer: Layer, entry: ModelEntry, alias: string, index: number): void {
    const other = this.#entries.has(alias) ? alias : this.#keyOfAlias.get(alias);
    if (other !== undefined) {
      // Whichever of the two this layer brought is the one to change.
      const mine = entry.origin === layer.origin;
      const path = mine ? ["models", entry.key, "aliases", index] : ["models", other];
      const message = `the alias "${alias}" of "${entry.key}" already names the model "${other}"`;
      throw registryError(layer.file, layer.text, [{ path, message }]);
    }
    this.#keyOfAlias.set(alias, entry.key);
  }
}

async function readLayers(options: {
  home: string;
  projectDir: string | undefined;
  builtin: string | undefined;
}): Promise<Layer[]> {
  const { home, projectDir, builtin } = options;
  const layers: Layer[] = [await builtinLayer(builtin)];
  const user = userOverlayFile(home);
  const userBytes = await readIfThere(user);
  if (userBytes !== undefined) {
    layers.push({ origin: "user", file: user, text: decodeRegistry(userBytes, user), trusted: true });
  }
  if (projectDir === undefined) return layers;
  const project = projectOverlayFile(projectDir);
  const bytes = await readIfThere(project);
  if (bytes !== undefined) {
    const trusted = await isTrusted(bytes, home);
    layers.push({ origin: "project", file: project, text: decodeRegistry(bytes, project), trusted });
  }
  return layers;
}

async function builtinLayer(file: string | undefined): Promise<Layer> {
  if (file === undefined) {
    return { origin: "builtin", file: "registry.toml (built in)", text: BUILTIN, trusted: true };
  }
  try {
    const text = decodeRegistry(await readFile(file), file);
    return { origin: "builtin", file, text, trusted: true };
  } catch (cause) {
    if (cause instanceof PatinaError) throw cause;
    throw ioError("read", file, cause);
  }
}
