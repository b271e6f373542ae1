import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUNTIMES } from "../../engine/test/support/runtimes.ts";
import { FakeHub } from "../../registry/test/support/fake-hub.ts";
import { CHECKOUT, type Outcome, patina } from "./support/patina.ts";
import { tableModel, tokenTable } from "./support/shaped-onnx.ts";
import { quantizedQwen3 } from "./support/shaped-safetensors.ts";

/** As many as the fixtures' tokenizers have at most. */
const TOKENS = 600;
const fixture = (path: string): Uint8Array => readFileSync(join(CHECKOUT, "fixtures", path));

const QWEN3_4B = quantizedQwen3(TOKENS, 2560);

/** What the repositories of three entries hold under the names that the registry has, in shape and next to empty. */
const REPOSITORIES: Record<string, Record<string, Uint8Array | string>> = {
  "intfloat/e5-base-v2": {
    "tokenizer.json": fixture("bert-mean/tokenizer.json"),
    "onnx/model.onnx": tableModel(TOKENS, 768),
    "README.md": "nobody asks for this",
  },
  "Qwen/Qwen3-Embedding-0.6B": { "tokenizer.json": fixture("qwen3-plain/tokenizer.json") },
  "onnx-community/Qwen3-Embedding-0.6B-ONNX": {
    "onnx/model.onnx": tableModel(TOKENS, 1024, "model.onnx_data"),
    "onnx/model.onnx_data": tokenTable(TOKENS, 1024),
  },
  "Qwen/Qwen3-Embedding-4B": { "tokenizer.json": fixture("qwen3-plain/tokenizer.json") },
  "mlx-community/Qwen3-Embedding-4B-4bit-DWQ": {
    "config.json": QWEN3_4B.config,
    "model.safetensors": QWEN3_4B.weights,
  },
};

let hub: FakeHub;
let folder: string;

beforeAll(async () => {
  hub = await FakeHub.start();
  for (const [repo, files] of Object.entries(REPOSITORIES)) {
    const lfs = Object.keys(files).filter((path) => !/\.(json|md)$/.test(path));
    hub.commit(repo, files, { lfs });
  }
  folder = realpathSync(mkdtempSync(join(tmpdir(), "patina-hub-")));
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const hf = { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, "hf") };
  return patina(args, { cwd: folder, home: join(folder, "home"), env: { ...hf, ...env } });
}

const OFFLINE = { HF_HUB_OFFLINE: "1" };

describe("a model by its real key, from the hub to vectors", () => {
  test("e5-base-v2: add, verify offline, embed offline", async () => {
    const added = await run(["model", "add", "e5-base-v2"]);
    expect([added.error, added.code]).toEqual(["", 0]);
    expect(added.out).toContain(
      "onnx/model.onnx: 1.8 MB, fetched from hub:intfloat/e5-base-v2@main/onnx/model.onnx",
    );
    expect(added.out).toContain("pinned now: the registry names no digest");
    const verified = await run(["model", "verify", "e5-base-v2"], OFFLINE);
    expect(verified.out).toContain("2 digests right");
    expect(verified.code).toBe(0);
    const embedded = await run(["embed", "a text", "--model", "e5-base-v2", "--kind", "query"], OFFLINE);
    expect(JSON.parse(embedded.out).embedding).toHaveLength(768);
    // Only what the variant needs.
    expect(hub.requests.some(({ url }) => url.pathname.endsWith("README.md"))).toBe(false);
  }, 30_000);

  test("qwen3-embedding-0.6b, whose weights lie beside its graph", async () => {
    const added = await run(["model", "add", "qwen3-embedding-0-6b", "--json"]);
    expect([added.error, added.code]).toEqual(["", 0]);
    const { files } = JSON.parse(added.out);
    expect(files.map(({ path }: { path: string }) => path)).toEqual([
      "tokenizer.json",
      "onnx/model.onnx",
      "onnx/model.onnx_data",
    ]);
    const verified = await run(["model", "verify", "qwen3-embedding-0.6b", "--json"], OFFLINE);
    // The digests are right, and random vectors are not those of the model's authors.
    expect(JSON.parse(verified.out)).toMatchObject({ files: [{}, {}, {}], vectors: { verdict: "wrong" } });
    expect(verified.code).toBe(1);
    const embedded = await run(["embed", "a text", "--model", "qwen3-embedding-0.6b"], OFFLINE);
    expect(JSON.parse(embedded.out).embedding).toHaveLength(1024);
  }, 30_000);

  const hasMlx = RUNTIMES.includes("mlx");
  test("qwen3-embedding-4b in 4 bits for MLX: add, verify, and embed where there is MLX", async () => {
    const choice = ["qwen3-embedding-4b", "--variant", "q4", "--runtime", "mlx"];
    const added = await run(["model", "add", ...choice]);
    expect(added.code).toBe(0);
    const warned = hasMlx ? "" : "the files are fetched all the same\n";
    expect(added.error).toEndWith(warned);
    const verified = await run(["model", "verify", ...choice], OFFLINE);
    expect(verified.code).toBe(0);
    expect(verified.out).toContain("3 digests right");
    if (!hasMlx) return;
    const model = ["--model", "qwen3-embedding-4b", "--variant", "q4", "--runtime", "mlx"];
    const embedded = await run(["embed", "a text", ...model], OFFLINE);
    expect([embedded.error, embedded.code]).toEqual(["", 0]);
    expect(JSON.parse(embedded.out).embedding).toHaveLength(2560);
  }, 30_000);
});

describe("a file that is damaged when it is needed", () => {
  const weights = async (): Promise<string> => {
    const { variants } = JSON.parse((await run(["model", "status", "e5-base-v2", "--json"])).out);
    const [installed] = variants.filter(({ state }: { state: string }) => state !== "missing");
    return installed.files[1].location;
  };

  test("is moved aside and fetched again, which is said", async () => {
    truncateSync(realpathSync(await weights()), 1_000);
    const { code, out, error } = await run(["embed", "a text", "--model", "e5-base-v2"]);
    expect(code).toBe(0);
    expect(JSON.parse(out).embedding).toHaveLength(768);
    expect(error).toContain("is damaged (SHA-256 expected ");
    expect(error).toMatch(/was moved aside to .*blobs.*\.damaged-[0-9a-f]{12} and fetched again from hub:/);
  }, 30_000);

  test("is an integrity error offline, that says where it lies now", async () => {
    truncateSync(realpathSync(await weights()), 1_000);
    const { code, out, error } = await run(["embed", "a text", "--model", "e5-base-v2"], OFFLINE);
    expect([out, code]).toEqual(["", 5]);
    expect(error).toMatch(/It was moved aside to .*\.damaged-/);
    expect(error).toContain("HF_HUB_OFFLINE");
    expect((await run(["model", "add", "e5-base-v2"])).code).toBe(0);
  }, 30_000);
});

describe("the commands around it", () => {
  test("add --progress json: lines for programs; nothing where no terminal is", async () => {
    await run(["model", "remove", "e5-base-v2"]);
    const { error, code } = await run(["model", "add", "e5-base-v2", "--progress", "json"]);
    expect(code).toBe(0);
    const events = error
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).progress);
    expect(events.at(-1)).toMatchObject({ phase: "done", key: "e5-base-v2" });
    expect(events.findLast(({ phase }) => phase === "here")).toMatchObject({ all: { done: 2, files: 2 } });
  }, 30_000);

  test("update: shows, and takes it with --yes alone", async () => {
    expect((await run(["model", "update", "e5-base-v2"])).out).toEndWith("nothing has changed\n");
    const files = REPOSITORIES["intfloat/e5-base-v2"] ?? {};
    hub.commit(
      "intfloat/e5-base-v2",
      { ...files, "onnx/model.onnx": tableModel(TOKENS + 1, 768) },
      { lfs: ["onnx/model.onnx"] },
    );
    const shown = await run(["model", "update", "e5-base-v2"]);
    expect(shown.out).toContain("onnx/model.onnx: changed");
    expect(shown.out).toContain("`patina oxidize` embeds and indexes anew");
    expect(shown.out).toEndWith("nothing was changed; --yes takes it\n");
    const taken = await run(["model", "update", "e5-base-v2", "--yes"]);
    expect([taken.error, taken.code]).toEqual(["", 0]);
    expect((await run(["embed", "a text", "--model", "e5-base-v2"], OFFLINE)).code).toBe(0);
    const pruned = await run(["model", "prune", "--dry-run"]);
    expect(pruned.out).toMatch(/would remove files that nothing uses: 1\.8 MB/);
    expect((await run(["model", "prune"])).out).toContain(" freed\n");
    expect((await run(["model", "prune"])).out).toBe("there is nothing that nothing uses\n");
  }, 60_000);

  test("add --frozen: exits with 5 where the lock has nothing", async () => {
    const { code, error } = await run(["model", "add", "bge-small-en-v1.5", "--frozen"]);
    expect(error).toContain("it has no row for bge-small-en-v1.5");
    expect(code).toBe(5);
  });
});
