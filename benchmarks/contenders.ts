/** Who is measured. A contender is a program (see `contender.ts`) and a row here. */
import { join } from "node:path";
import type { ModelId } from "./models.ts";
import { PEERS, PYTHON_PROGRAMS } from "./peers.ts";
import { demand, type Places } from "./prepare.ts";

export interface Contender {
  readonly id: ContenderId;
  readonly label: string;
  /** The program; the path of the work file comes after it. */
  readonly command: (places: Places) => string[];
  /** The models it is measured with; all where left out. */
  readonly models?: readonly ModelId[];
  /** Why its vectors are not compared with the others', where they are known to be different ones. */
  readonly foreignVectors?: string;
}

export type ContenderId =
  | "transformers-bun"
  | "transformers-node"
  | "fastembed-npm"
  | "fastembed-python"
  | "sentence-transformers"
  | "onnxruntime-node"
  | "hand-tuned"
  | "patina";

const bun = (file: string) => () => [process.execPath, join(import.meta.dir, "contenders", file)];
const python =
  (file: string) =>
  ({ python }: Places) => [python, join(PYTHON_PROGRAMS, file)];

/** Node runs no TypeScript before release 22: the program is bundled, beside the peers, so that it resolves them. */
const node =
  (file: string) =>
  ({ peersFolder }: Places) => {
    const bundle = join(peersFolder, file.replace(".ts", ".mjs"));
    const source = join(import.meta.dir, "contenders", file);
    demand([process.execPath, "build", source, "--target=node", "--outfile", bundle]);
    return ["node", bundle];
  };

const TRANSFORMERS = `transformers.js ${PEERS["@huggingface/transformers"]}`;

/** In the order of a round. Ratios and vectors are against the first. */
export const CONTENDERS: readonly Contender[] = [
  {
    id: "transformers-bun",
    label: `${TRANSFORMERS} (Bun), pipeline, batches of 32 in input order`,
    command: bun("transformers-js.ts"),
  },
  { id: "transformers-node", label: `${TRANSFORMERS} (Node), the same`, command: node("transformers-js.ts") },
  {
    id: "fastembed-npm",
    label: `fastembed ${PEERS.fastembed} (npm), its defaults`,
    command: bun("fastembed-npm.ts"),
    models: ["minilm-fp32"],
    foreignVectors: "it takes the first token's vector of a mean-pooled model",
  },
  {
    id: "fastembed-python",
    label: "fastembed 0.9.1 (Python), its defaults",
    command: python("fastembed_local.py"),
  },
  {
    id: "sentence-transformers",
    label: "sentence-transformers 6.2.0 (torch 2.15), batches of 32",
    command: python("sentence_transformers_torch.py"),
    models: ["minilm-fp32"],
  },
  {
    id: "onnxruntime-node",
    label: `onnxruntime-node ${PEERS["onnxruntime-node"]} used directly, batches of 32 in input order`,
    command: bun("onnxruntime-node.ts"),
  },
  {
    id: "hand-tuned",
    label: "ONNX Runtime 1.30.0 tuned by hand (Python)",
    command: python("hand_tuned.py"),
  },
  { id: "patina", label: "Patina, engine defaults", command: bun("patina.ts") },
];

/** The row of one. */
export function contender(id: ContenderId): Contender {
  const found = CONTENDERS.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`there is no contender ${id}`);
  return found;
}
