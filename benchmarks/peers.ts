/**
 * The peers: installed from npm into an ignored folder, never into the workspace. Their types are not at hand when the
 * workspace is checked, so what is used of them is written down here.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Exact versions, so that a result names what it was measured against. */
export const PEERS = { "@huggingface/transformers": "4.3.1", "onnxruntime-node": "1.30.0" } as const;

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

function load(name: string, folder: string): Promise<unknown> {
  return import(Bun.resolveSync(name, folder));
}

/** Installs the peers unless exactly these are there. Bun runs no postinstall: none of the two needs its own here. */
export function installPeers(folder: string): void {
  const installed = Object.entries(PEERS).every(([name, version]) => {
    const manifest = join(folder, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
  if (installed) return;
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "patina-benchmark-peers", private: true, dependencies: PEERS };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const { exitCode } = Bun.spawnSync([process.execPath, "install"], {
    cwd: folder,
    stdout: "ignore",
    stderr: "inherit",
  });
  if (exitCode !== 0)
    throw new Error(`the peers could not be installed into ${folder}: is npm's registry reachable?`);
}
