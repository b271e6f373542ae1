/** A model's folder as `patina-embed` reads it (`ModelFolder`) and as `model import` does: the same facts, the same refusals. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { PatinaError } from "@patina/core";
import type { ImportReport, ModelEntry } from "../src/index.ts";
import { cargo } from "./support/cargo.ts";
import { rejection } from "./support/fixture.ts";
import { type Case, EDITED, READ, REFUSED } from "./support/folder-cases.ts";
import { ModelFolder } from "./support/model-folder.ts";

type Spec = Record<string, unknown> & {
  error?: string;
  runtime: string;
  files: { role: string; sha256: string }[];
};

// On a machine that has not built it yet this takes longer than a test may.
beforeAll(() => void cargo("build", ["--example", "folder_specs"]), 600_000);

function changed([, name, change]: Case): ModelFolder {
  const model = new ModelFolder(name);
  change(model);
  return model;
}

/** What the Rust reader says of each folder. */
function inRust(models: readonly ModelFolder[], runtime?: "onnx" | "mlx"): Spec[] {
  const folders = [...(runtime === undefined ? [] : [runtime]), ...models.map(({ folder }) => folder)];
  const lines = cargo("run", ["--example", "folder_specs", "--", ...folders]).split("\n");
  return lines.map((line) => JSON.parse(line));
}

/**
 * The import, with no more said than the licence. Where a folder has no prompts, the Rust reader leaves texts as they are,
 * as sentence-transformers does, and the import, whose entry is for all who search with it, asks: there, and there alone,
 * it is answered.
 */
async function imported(model: ModelFolder): Promise<ImportReport> {
  const asIs = { queryTemplate: "{text}", passageTemplate: "{text}" };
  return model.import({ license: "MIT" }).catch((error: PatinaError) => {
    const asked = error.details?.key === "--query-template --passage-template";
    if (!asked || error.message.includes("by default")) throw error;
    return model.import({ license: "MIT", ...asIs });
  });
}

/** The facts that decide a vector. */
function factsOf(of: Partial<ModelEntry> | Spec): unknown {
  const { architecture, dimension, maxTokens, pooling, normalize, queryTemplate, passageTemplate } =
    of as Partial<ModelEntry>;
  return { architecture, dimension, maxTokens, pooling, normalize, queryTemplate, passageTemplate };
}

const rows = (files: readonly { role: string; sha256?: string | undefined }[]): string[] =>
  files.map(({ role, sha256 }) => `${role} ${sha256}`).sort();

/** Facts are the same, and files are those of one variant, no more and no fewer. */
function expectSame(spec: Spec, { entry }: ImportReport): void {
  expect(spec.error).toBeUndefined();
  expect(factsOf(spec)).toEqual(factsOf(entry));
  const variants = entry.variants.filter(({ runtime }) => runtime === spec.runtime);
  expect(variants.map(({ files }) => rows([...entry.files, ...files]))).toContainEqual(rows(spec.files));
}

describe("the Rust reader of a model's folder and the import", () => {
  test.each(READ)("read alike: %s", async (what, name, change) => {
    using model = changed([what, name, change]);
    const [spec] = inRust([model]);
    expectSame(spec as Spec, await imported(model));
  });

  test.each(["bert-mean", "qwen3-plain", "xlmr-mean"])("read alike for MLX: %s", async (name) => {
    using model = new ModelFolder(name);
    const [spec] = inRust([model], "mlx");
    const report = await imported(model);
    expectSame(spec as Spec, report);
    // Safetensors are called by what they are in, graphs by their files.
    const named = report.entry.variants.filter(({ runtime }) => runtime === "mlx");
    expect([{ name: spec?.variant, runtime: spec?.runtime }]).toMatchObject(
      named.map(({ name, runtime }) => ({ name, runtime })),
    );
  });

  test.each(REFUSED)("both refuse: %s", async (what, name, change) => {
    using model = changed([what, name, change]);
    expect(inRust([model])[0]?.error).toBeString();
    expect(await rejection(imported(model))).toHaveProperty("code");
  });

  test("each key of each file with a value of each kind", async () => {
    const models = EDITED.map(changed);
    try {
      const specs = inRust(models);
      const disagreements: string[] = [];
      let read = 0;
      for (const [index, model] of models.entries()) {
        const [spec, [what = ""] = []] = [specs[index], EDITED[index]];
        const report = await imported(model).catch((error: PatinaError) => error.message);
        const isRefused = typeof report === "string";
        if (!isRefused && spec?.error === undefined) {
          expectSame(spec as Spec, report);
          read += 1;
        } else if (!isRefused || spec?.error === undefined) {
          disagreements.push(
            `${what}: Rust ${spec?.error ?? "reads it"}; import ${isRefused ? report : "reads it"}`,
          );
        }
      }
      expect(disagreements).toEqual([]);
      expect(read).toBeGreaterThan(20);
    } finally {
      for (const model of models) model[Symbol.dispose]();
    }
  });
});
