/** Tensors in files beside the graph: only verified files of the model are opened, wherever the graph points. */
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type ModelSpec, openEngine } from "@patina/engine";
import { distance, failure, fixture } from "./support/fixtures.ts";

const root = mkdtempSync(join(tmpdir(), "patina-external-data-"));
afterAll(() => rmSync(root, { recursive: true }));

const { spec } = fixture("qwen3-plain");
const DATA = "model.onnx_data";
let count = 0;

/** A copy of the model, its graph changed to look for its data at `location` (as long as `DATA`). */
function copy(location = DATA): { spec: ModelSpec; folder: string; data: string } {
  const folder = join(root, `${count++}/model`);
  mkdirSync(join(folder, "../outside"), { recursive: true });
  mkdirSync(folder);
  const files = spec.files.map((file) => {
    if (file.role === "weights") {
      const graph = readFileSync(file.path, "latin1").replaceAll(DATA, location);
      writeFileSync(join(folder, "model.onnx"), graph, "latin1");
      return { ...file, path: join(folder, "model.onnx") };
    }
    if (file.role !== "external-data") return file;
    cpSync(file.path, join(folder, DATA));
    cpSync(file.path, join(folder, "../outside/data"));
    return { ...file, path: join(folder, location) };
  });
  return { spec: { ...spec, files }, folder, data: join(folder, DATA) };
}

test.each(["../outside/data", "/../../dev/zero"])("a path that leads out: %s", async (location) => {
  expect(await failure(copy(location).spec)).toMatchObject({
    code: "INTEGRITY",
    message: expect.stringMatching(/"embed_tokens\.weight".*leads out of the model's folder/),
  });
});

test.each(["../outside/data", "/dev/zero"])("a link that leads out: %s", async (target) => {
  const { spec, data } = copy();
  rmSync(data);
  symlinkSync(target, data);
  expect(await failure(spec)).toMatchObject({ code: "INTEGRITY", details: { file: data } });
});

test("a file that is cut short, missing, or a folder", async () => {
  const { spec, data } = copy();
  writeFileSync(data, new Uint8Array(100));
  const short = { code: "INTEGRITY", details: { file: data }, message: expect.stringContaining("100 bytes") };
  expect(await failure(spec)).toMatchObject(short);
  rmSync(data);
  expect(await failure(spec)).toMatchObject({ code: "MODEL_MISSING", details: { file: data } });
  mkdirSync(data);
  expect(await failure(spec)).toMatchObject({ code: "INTEGRITY", details: { file: data } });
});

test("a file that the spec does not list", async () => {
  const { spec, data } = copy();
  const files = spec.files.filter(({ role }) => role !== "external-data");
  expect(await failure({ ...spec, files })).toMatchObject({
    code: "SPEC_INVALID",
    details: { file: data },
    message: expect.stringContaining("role external-data"),
  });
});

test("a model in a hub cache loads: links into a folder of blobs", async () => {
  const blobs = join(root, "hub/blobs");
  const snapshot = join(root, "hub/snapshots/0123abcd/onnx");
  for (const folder of [blobs, snapshot]) mkdirSync(folder, { recursive: true });
  const files = spec.files.map((file) => {
    if (file.role !== "weights" && file.role !== "external-data") return file;
    cpSync(file.path, join(blobs, file.sha256));
    const path = join(snapshot, basename(file.path));
    symlinkSync(join("../../../blobs", file.sha256), path);
    return { ...file, path };
  });
  await using linked = await openEngine({ ...spec, files });
  await using plain = await openEngine(spec);
  const [found, expected] = [await linked.embed("the river"), await plain.embed("the river")];
  expect(distance(found.vector, expected.vector)).toBe(0);
});
