import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Runtime } from "@patina/core";
import { CHECKOUT, type Outcome, patina } from "./patina.ts";

const FIXTURE = join(CHECKOUT, "fixtures/bert-prompts");

/** A runtime's file of weights: its path in the entry, and in the fixture. */
const WEIGHTS: Readonly<Record<Runtime, readonly [path: string, from: string]>> = {
  onnx: ["model.onnx", "onnx/model.onnx"],
  mlx: ["model.safetensors", "model.safetensors"],
};

/** The key of the model that a {@link TinyHome} has in its overlay. */
export const TINY = "tiny-prompts";

/** A row of the overlay: a variant of the one model's weights, whatever it says of itself. */
export interface TinyVariant {
  readonly name: string;
  /** Default `onnx`. */
  readonly runtime?: Runtime;
  /** TOML beside the name: `numerics = "float32"`. */
  readonly facts?: string;
  /** Where its weights are to come from, instead of the fixture. */
  readonly weights?: string;
}

interface Golden {
  readonly id: string;
  readonly kind: string;
  readonly special_tokens: string;
  readonly embedding: readonly number[];
}

/** A home folder with a random model of two templates in its overlay, gone when it is disposed. */
export class TinyHome implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "patina-tiny-")));
  readonly home: string = join(this.folder, "home");

  /** `check` is the TOML of the model's check, its own header included. */
  constructor(variants: readonly TinyVariant[], check = "") {
    mkdirSync(this.home);
    const source = (path: string): string => `sources = [{ kind = "dir", path = ${JSON.stringify(path)} }]`;
    const rows = variants.map(({ name, runtime = "onnx", facts = "", weights }) => {
      const [path, from] = WEIGHTS[runtime];
      const config = `
[[models."${TINY}".variants.files]]
role = "config"
path = "config.json"
${source(join(FIXTURE, "config.json"))}
`;
      return `
[[models."${TINY}".variants]]
name = "${name}"
runtime = "${runtime}"
${facts}
[[models."${TINY}".variants.files]]
role = "weights"
path = "${path}"
${source(weights ?? join(FIXTURE, from))}
${runtime === "mlx" ? config : ""}`;
    });
    const text = `version = 1
[models."${TINY}"]
name = "Tiny"
description = "A random model."
license = "MIT"
architecture = "bert"
dimension = 32
max_tokens = 128
pooling = "mean"
normalize = true
query_template = "query: {text}"
passage_template = "passage: {text}"
${check}
[[models."${TINY}".files]]
role = "tokenizer"
path = "tokenizer.json"
${source(join(FIXTURE, "tokenizer.json"))}
${rows.join("")}`;
    writeFileSync(join(this.home, "models.toml"), text);
  }

  /** Runs the command with this home, outside of any project unless `cwd` says otherwise. */
  run(args: readonly string[], cwd: string = this.folder): Promise<Outcome> {
    return patina(args, { cwd, home: this.home });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/**
 * The TOML of a check over conformance texts. Its scores are cosines of sentence-transformers' vectors, prompts
 * included, plus `shift` in the first of them.
 */
export function tinyCheck({ shift = 0, more = "" }: { shift?: number; more?: string } = {}): string {
  const { goldens } = JSON.parse(readFileSync(join(FIXTURE, "golden.json"), "utf8")) as { goldens: Golden[] };
  const { texts } = JSON.parse(readFileSync(join(CHECKOUT, "fixtures/conformance/texts.json"), "utf8")) as {
    texts: { id: string; text: string }[];
  };
  const textOf = (id: string): string => texts.find((text) => text.id === id)?.text ?? "";
  const vectorOf = (id: string, kind: string): readonly number[] =>
    goldens.find((one) => one.id === id && one.kind === kind && one.special_tokens === "follow")?.embedding ??
    [];
  const queries = ["sentence", "emoji"];
  const documents = ["python-code", "just-over-128-tokens", "one-word"];
  const scores = queries.map((query) =>
    documents.map((document) => {
      const other = vectorOf(document, "passage");
      return vectorOf(query, "query").reduce(
        (sum, value, index) => sum + value * (other[index] ?? Number.NaN),
        0,
      );
    }),
  );
  const [first = [], ...rest] = scores;
  const shifted = [[(first[0] ?? 0) + shift, ...first.slice(1)], ...rest];
  return `[models."${TINY}".check]
queries = ${JSON.stringify(queries.map(textOf))}
documents = ${JSON.stringify(documents.map(textOf))}
scores = ${JSON.stringify(shifted)}
tolerance = 0.0001
source = "sentence-transformers"
${more}`;
}
