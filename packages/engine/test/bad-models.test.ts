/** Models that cannot be: each a clear error that names the file, none a wrong vector. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelFile, type ModelSpec, openEngine } from "@patina/engine";
import { failure, fixture, modelFile } from "./support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "patina-bad-models-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { spec } = fixture("bert-mean");
const original = (role: ModelFile["role"]): ModelFile => {
  const file = spec.files.find((candidate) => candidate.role === role);
  if (!file) throw new Error(`the fixture has no ${role}`);
  return file;
};

/** The fixture with one file replaced by `bytes`. */
function withFile(role: ModelFile["role"], name: string, bytes: Uint8Array): ModelSpec {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { ...spec, files: spec.files.map((file) => (file.role === role ? modelFile(role, path) : file)) };
}

test("weights cut short, empty or of another kind", async () => {
  const whole = readFileSync(original("weights").path);
  for (const [name, bytes] of [
    ["half.onnx", whole.subarray(0, whole.length / 2)],
    ["empty.onnx", new Uint8Array()],
    ["text.onnx", new TextEncoder().encode("this is no model\n")],
    ["random.onnx", whole.map((byte, index) => (index % 97 === 0 ? byte ^ 0x5a : byte))],
  ] as const) {
    const error = await failure(withFile("weights", name, bytes));
    expect(error).toMatchObject({ code: "INTEGRITY", details: { file: join(folder, name) } });
  }
});

test("a tokenizer that is none", async () => {
  const error = await failure(withFile("tokenizer", "tokenizer.json", new TextEncoder().encode("{}")));
  expect(error).toMatchObject({ code: "INTEGRITY", details: { file: join(folder, "tokenizer.json") } });
});

test("a file that is not there", async () => {
  const path = join(folder, "gone.onnx");
  const files = spec.files.map((file) => (file.role === "weights" ? { ...file, path } : file));
  expect(await failure({ ...spec, files })).toMatchObject({ code: "MODEL_MISSING", details: { file: path } });
});

test("a dimension that is not the model's", async () => {
  await using engine = await openEngine({ ...spec, dimension: 31 });
  await expect(engine.embed("x")).rejects.toMatchObject({ code: "SPEC_INVALID" });
});

test("more tokens than the model has positions", async () => {
  expect(await failure({ ...spec, maxTokens: 100_000 })).toMatchObject({ code: "SPEC_INVALID" });
});

test("a library of ONNX Runtime that is none", async () => {
  const child = Bun.spawnSync([process.execPath, "-e", OPEN_WITH_LIBRARY, join(folder, "libnothing.so")], {
    cwd: import.meta.dir,
  });
  expect(child.stdout.toString().trim()).toBe("RUNTIME_UNAVAILABLE");
});
/** In a process of its own: a process loads one library, and this one has. */
const OPEN_WITH_LIBRARY = `
  import { openEngine } from "@patina/engine";
  import { fixture } from "./support/fixtures.ts";
  const libraryPath = process.argv.at(-1);
  console.log(await openEngine(fixture("bert-mean").spec, { libraryPath }).catch((error) => error.code));
`;

/** 32-bit patterns of numbers that are none. */
const NOT_FINITE = { NaN: 0x7fc00000, infinity: 0x7f800000 };

test.each(Object.entries(NOT_FINITE))("%s out of one word names the text that has it", async (name, bits) => {
  // The safetensors file is the witness of where floats lie in the ONNX file: the row of one word in the first table.
  const bytes = readFileSync(original("weights").path);
  const table = embeddingTable();
  const at = bytes.indexOf(table.subarray(0, 64));
  expect(at).toBeGreaterThan(0);
  const width = spec.dimension * 4;
  const row = at + wordId("river") * width;
  for (let offset = row; offset < row + width; offset += 4) bytes.writeUInt32LE(bits, offset);
  await using engine = await openEngine(withFile("weights", `${name}.onnx`, bytes));
  const texts = ["a", "water is new", "the river", "every day", "q"];
  await expect(engine.embedBatch(texts)).rejects.toMatchObject({
    code: "NON_FINITE",
    details: { index: 2 },
  });
  // The others share the table, not the row.
  expect((await engine.embedBatch(texts.toSpliced(2, 1))).rows).toBe(4);
});

/** The id of a word of the fixture's vocabulary. */
function wordId(word: string): number {
  const { model } = JSON.parse(readFileSync(original("tokenizer").path, "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  const id = model.vocab[word];
  if (id === undefined) throw new Error(`the fixture's vocabulary has no ${word}`);
  return id;
}

/** The word embeddings' bytes, by the header of model.safetensors. */
function embeddingTable(): Buffer {
  const file = readFileSync(join(original("weights").path, "../../model.safetensors"));
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + length)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const name = Object.keys(header).find((key) => key.endsWith("word_embeddings.weight"));
  if (!name) throw new Error("the fixture has no word embeddings");
  const [start, end] = header[name]?.data_offsets ?? [0, 0];
  return file.subarray(8 + length + start, 8 + length + end);
}
