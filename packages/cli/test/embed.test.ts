import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeFacts } from "@patina/engine";
import { loadedBy, type Outcome, patina } from "./support/patina.ts";
import { haveQuickStartModel, MODEL } from "./support/quick-start.ts";

const folder = mkdtempSync(join(tmpdir(), "patina-embed-"));
beforeAll(haveQuickStartModel, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  index: number;
  id: string | number | null;
  embedding: number[];
  tokens: number;
  truncated: boolean;
}

function rowsOf({ out }: Outcome): Row[] {
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
}

function embed(args: readonly string[], input?: string | Uint8Array): Promise<Outcome> {
  return patina(["embed", ...args], { cwd: folder, ...(input === undefined ? {} : { input }) });
}

describe("embed", () => {
  test("texts of the arguments, with the keys of the contract in their order", async () => {
    const outcome = await embed(["A dog sleeps.", "A puppy is asleep.", "Interest rates rose."]);
    expect(outcome).toMatchObject({ code: 0, error: "" });
    const rows = rowsOf(outcome);
    expect(rows.map((row) => Object.keys(row))).toEqual(
      Array.from({ length: 3 }, () => ["index", "id", "embedding", "tokens", "truncated"]),
    );
    expect(rows.map(({ index, id, truncated }) => [index, id, truncated])).toEqual([
      [0, null, false],
      [1, null, false],
      [2, null, false],
    ]);
    // [CLS] a dog sleeps . [SEP]
    expect(rows[0]?.tokens).toBe(6);
    const [dog = [], puppy = [], rates = []] = rows.map((row) => row.embedding);
    expect(dog.length).toBe(384);
    expect(cosine(dog, dog)).toBeCloseTo(1, 5);
    expect(cosine(dog, puppy)).toBeGreaterThan(cosine(dog, rates) + 0.3);
  });

  test("lines of the standard input keep step with their results", async () => {
    const outcome = await embed([], "one\n\nthree\r\nfour");
    const rows = rowsOf(outcome);
    expect(rows.map((row) => row.index)).toEqual([0, 1, 2, 3]);
    const single = rowsOf(await embed(["three"]));
    expect(rows[2]?.embedding).toEqual(single[0]?.embedding as number[]);
  });

  test("JSONL brings ids and takes them back", async () => {
    const input = ['{"id":"a","text":"x"}', "", '{"text":"y","id":42,"tag":1}', '{"text":"z"}'].join("\n");
    const rows = rowsOf(await embed(["--input", "jsonl"], input));
    expect(rows.map(({ index, id }) => [index, id])).toEqual([
      [0, "a"],
      [1, 42],
      [2, null],
    ]);
  });

  test("no input is no output", async () => {
    expect(await embed([], "")).toEqual({ code: 0, out: "", error: "" });
  });

  test("a cut text says so in its row and once at the end", async () => {
    const outcome = await embed([], `short\n${"word ".repeat(1000)}\n`);
    expect(rowsOf(outcome).map(({ tokens, truncated }) => [tokens, truncated])).toEqual([
      [3, false],
      [256, true],
    ]);
    expect(outcome.code).toBe(0);
    expect(outcome.error).toBe(
      'warning: 1 text of 2 was longer than the model\'s 256 tokens and cut: see "truncated" in the results\n',
    );
    const json = await embed(["--json"], `${"word ".repeat(1000)}\n`);
    expect(JSON.parse(json.error).warning.code).toBe("TRUNCATED");
  });

  test("a spelled-out special token is followed, as in the reference, and told", async () => {
    const { error } = await embed(["before [SEP] after"]);
    expect(error).toBe("warning: 1 text spelled out a special token of the model, which acts as one\n");
  });

  test("numbers read back as the very float32 they were", async () => {
    const [row] = rowsOf(await embed(["exact"]));
    const path = join(folder, "exact.npy");
    expect((await embed(["exact", "--format", "npy", "--output", path])).code).toBe(0);
    const bytes = readFileSync(path);
    const stored = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length),
    );
    expect(Float32Array.from(row?.embedding ?? [])).toEqual(stored);
  });
});

test("embed loads neither the search nor its database", async () => {
  const loaded = await loadedBy(["embed", "hello"], { cwd: folder });
  const of = (name: string): string[] => loaded.filter((path) => path.includes(`packages/${name}/`));
  expect(of("registry")).not.toEqual([]);
  expect(of("projections")).toEqual([]);
});

describe("embed to a file", () => {
  test("npy: the header has the final number of rows, and the rows are those of JSONL", async () => {
    const input = Array.from({ length: 1500 }, (_, index) => `text ${index}`).join("\n");
    const path = join(folder, "many.npy");
    const outcome = await embed(["--format", "npy", "--output", path], input);
    expect(outcome).toEqual({ code: 0, out: "", error: "" });
    const bytes = readFileSync(path);
    const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString("latin1");
    expect(header).toContain("'shape': (1500, 384)");
    expect(bytes.length).toBe(128 + 1500 * 384 * 4);
  }, 60_000);

  test("npy of nothing is an array of no rows", async () => {
    const path = join(folder, "none.npy");
    expect((await embed(["--format", "npy", "--output", path], "")).code).toBe(0);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(128);
    expect(bytes.toString("latin1")).toContain("'shape': (0, 384)");
  });

  test("a failure leaves the old file and no other", async () => {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    const path = join(inner, "vectors.jsonl");
    writeFileSync(path, "old");
    const { code } = await embed(["--input", "jsonl", "--output", path], '{"text":"good"}\nbad\n');
    expect(code).toBe(3);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(inner)).toEqual(["vectors.jsonl"]);
    expect((await embed(["good", "--output", path])).out).toBe("");
    expect(JSON.parse(readFileSync(path, "utf8")).index).toBe(0);
  });
});

describe("bad input to embed", () => {
  test("a bad JSONL line is named, and what came before it is printed", async () => {
    const lines = Array.from({ length: 1200 }, (_, index) => JSON.stringify({ text: `t${index}` }));
    const outcome = await embed(
      ["--input", "jsonl"],
      [...lines, '{"txt":"typo"}', '{"text":"after"}'].join("\n"),
    );
    expect(outcome.code).toBe(3);
    expect(rowsOf(outcome).length).toBe(1200);
    expect(outcome.error).toBe('error: line 1201 of the input has no "text"\n');
  }, 60_000);

  test("bytes that are no UTF-8", async () => {
    const outcome = await embed(
      [],
      Buffer.concat([Buffer.from("fine\nna"), Buffer.from([0xef]), Buffer.from("ve\n")]),
    );
    expect(outcome.code).toBe(3);
    expect(rowsOf(outcome).length).toBe(1);
    expect(outcome.error).toContain("line 2 of the input is not valid UTF-8");
  });

  test("an unknown model names the nearest one", async () => {
    const { code, error } = await embed(["x", "--model", "all-minilm-l6"]);
    expect(code).toBe(4);
    expect(error).toContain(`did you mean "${MODEL}"?`);
    const json = await embed(["x", "--model", "all-minilm-l6", "--json"]);
    expect(JSON.parse(json.error).error).toMatchObject({
      code: "MODEL_UNKNOWN",
      exitCode: 4,
      details: { suggestion: MODEL },
    });
  });

  test("a model that is not on this machine says how to get it", async () => {
    const home = join(folder, "empty-home");
    const { code, error } = await patina(["embed", "x"], { cwd: folder, home });
    expect(code).toBe(4);
    expect(error).toContain(`patina model add ${MODEL}`);
    expect(existsSync(home)).toBe(false);
  });

  test("a task or a cut that the model does not take is an error and not ignored", async () => {
    for (const option of [
      ["--task", "find duplicates"],
      ["--dimension", "128"],
    ]) {
      const { code, out, error } = await embed(["x", ...option]);
      expect(code).toBe(3);
      expect(out).toBe("");
      expect(error).toStartWith("error: ");
    }
  });

  test.skipIf(nativeFacts().mlxBuilt)("a runtime that cannot be had says why", async () => {
    const { code, error } = await embed(["x", "--runtime", "mlx"]);
    expect(code).toBe(4);
    expect(error).toContain("mlx");
  });

  test("an output that is no file", async () => {
    const { code, error } = await embed(["x", "--output", folder]);
    expect(code).toBe(3);
    expect(error).toContain("no regular file");
  });
});
