/**
 * The peers: installed into ignored folders, never into the workspace. Their types are not at hand
 * when the workspace is checked, so what is used of them is written down here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Exact versions, so that a result names what it was measured against. Those of Python are in its requirements. */
export const PEERS = {
  "@huggingface/transformers": "4.3.1",
  "onnxruntime-node": "1.30.0",
  fastembed: "2.1.0",
} as const;

interface NamedTensor {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}
type Encoded = Readonly<Record<string, NamedTensor>> & { readonly attention_mask: NamedTensor };
type TokenizerOptions = { padding: boolean; truncation: boolean; max_length: number };

/** What is used of transformers.js. */
export interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(
    task: "feature-extraction",
    model: string,
    options: { dtype: string },
  ): Promise<
    (texts: string | string[], options: { pooling: "mean"; normalize: boolean }) => Promise<NamedTensor>
  >;
  readonly AutoTokenizer: {
    from_pretrained(model: string): Promise<(texts: string[], options: TokenizerOptions) => Encoded>;
  };
}

/** What is used of onnxruntime-node. */
export interface Onnxruntime {
  readonly InferenceSession: {
    create(path: string): Promise<{
      readonly inputNames: readonly string[];
      run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, NamedTensor>>>;
    }>;
  };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => unknown;
}

/** What is used of fastembed. */
export interface Fastembed {
  readonly EmbeddingModel: { readonly CUSTOM: string };
  readonly FlagEmbedding: {
    init(options: {
      model: string;
      modelAbsoluteDirPath: string;
      modelName: string;
      maxLength: number;
    }): Promise<{ embed(texts: string[]): AsyncIterable<number[][]> }>;
  };
}

/** transformers.js, set to load from `modelsFolder` and from nowhere else. */
export async function loadTransformers(peersFolder: string, modelsFolder: string): Promise<Transformers> {
  const module = (await load("@huggingface/transformers", peersFolder)) as Transformers;
  module.env.allowRemoteModels = false;
  module.env.localModelPath = modelsFolder;
  return module;
}

/** onnxruntime-node of the peers, not of the workspace. */
export async function loadOnnxruntime(peersFolder: string): Promise<Onnxruntime> {
  return (await load("onnxruntime-node", peersFolder)) as Onnxruntime;
}

/** fastembed, which brings an onnxruntime-node of its own. */
export async function loadFastembed(peersFolder: string): Promise<Fastembed> {
  return (await load("fastembed", peersFolder)) as Fastembed;
}

/** Under Node the program lies among the peers (see `contenders.ts`), and resolves them by itself. */
function load(name: string, folder: string): Promise<unknown> {
  return import("Bun" in globalThis ? Bun.resolveSync(name, folder) : name);
}

/** Installs the peers from npm unless exactly these are there. Bun runs no postinstall: none needs its own here. */
export function installPeers(folder: string): void {
  const installed = Object.entries(PEERS).every(([name, version]) => {
    const manifest = join(folder, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
  if (installed) return;
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "patina-benchmark-peers", private: true, dependencies: PEERS };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const { status, error } = spawnSync(process.execPath, ["install"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    throw new Error(`the peers could not be installed into ${folder}: is npm's registry to be had here?`, {
      cause: error,
    });
  }
}

/** The folder of the Python programs, and of what they need: `requirements.txt`, the peers from PyPI. */
export const PYTHON_PROGRAMS: string = join(import.meta.dirname, "python");
