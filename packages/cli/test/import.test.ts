import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT, type Outcome, patina } from "./support/patina.ts";

interface Golden {
  readonly id: string;
  readonly kind: string;
  readonly special_tokens: string;
  readonly task?: string;
  readonly dimension?: number;
  readonly embedding: readonly number[];
}

/** Largest difference of an element in float32, on unit vectors: another machine's kernels move the sixth digit. */
const TOLERANCE = 2e-5;

const TEXTS = JSON.parse(readFileSync(join(CHECKOUT, "fixtures/conformance/texts.json"), "utf8")).texts as {
  id: string;
  text: string;
}[];

class Home implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "patina-import-")));

  run(args: readonly string[], input?: string): Promise<Outcome> {
    return patina(args, { home: this.folder, cwd: "/", ...(input === undefined ? {} : { input }) });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

const fixture = (name: string): string => join(CHECKOUT, "fixtures", name);

describe("model import", () => {
  // Prompts on both sides; XLM-R's positions; a decoder with its weights in another file and a prompt for queries alone.
  test.each(["bert-prompts", "xlmr-mean", "qwen3-plain"])(
    "%s: import, add and embed give the reference's vectors",
    async (name) => {
      using home = new Home();
      const imported = await home.run(["model", "import", fixture(name), "--license", "MIT", "--as", "ours"]);
      expect(imported.error).not.toContain("error");
      expect(imported.code).toBe(0);
      expect(imported.out).toEndWith("next: patina model add ours\n");
      expect((await home.run(["model", "add", "ours"])).code).toBe(0);
      const { goldens } = JSON.parse(readFileSync(join(fixture(name), "golden.json"), "utf8"));
      for (const kind of ["query", "passage"]) {
        const known = (goldens as Golden[]).filter(
          ({ kind: of, special_tokens, task, dimension }) =>
            of === kind && special_tokens === "follow" && task === undefined && dimension === undefined,
        );
        expect(known.length).toBeGreaterThan(5);
        const records = known.map(({ id }) => JSON.stringify(TEXTS.find((text) => text.id === id)));
        const embedded = await home.run(
          ["embed", "--model", "ours", "--kind", kind, "--input", "jsonl"],
          records.join("\n"),
        );
        expect(embedded.code).toBe(0);
        const vectors = embedded.out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line).embedding as number[]);
        for (const [index, { id, embedding }] of known.entries()) {
          const worst = Math.max(
            ...embedding.map((value, at) => Math.abs(value - (vectors[index]?.[at] ?? 9))),
          );
          expect({ id, near: worst <= TOLERANCE }).toEqual({ id, near: true });
        }
      }
    },
    30_000,
  );

  test("flags that are missing are listed, and a usage error is one", async () => {
    using home = new Home();
    const missing = await home.run(["model", "import", fixture("bert-mean")]);
    expect(missing.code).toBe(3);
    for (const flag of ["--license", "--query-template", "--passage-template"]) {
      expect(missing.error).toMatch(new RegExp(`^ {2}${flag} `, "m"));
    }
    const pooling = await home.run(["model", "import", fixture("bert-mean"), "--pooling", "men"]);
    expect(pooling.code).toBe(2);
    expect(pooling.error).toContain("hint: Did you mean mean?");
    const numerics = await home.run(["model", "import", fixture("bert-mean"), "--numerics", "float32"]);
    expect(numerics.code).toBe(2);
    expect((await home.run(["model", "import", "x", "--user", "--project"])).code).toBe(2);
  });

  test("a dry run prints the row, and JSON has it", async () => {
    using home = new Home();
    const run = ["model", "import", fixture("bert-prompts"), "--license", "MIT", "--dry-run"];
    const { code, out } = await home.run(run);
    expect(code).toBe(0);
    expect(out).toContain("nothing was written");
    expect(out).toContain("[models.bert-prompts]\n");
    const report = JSON.parse((await home.run([...run, "--json"])).out);
    expect(report).toMatchObject({ key: "bert-prompts", written: false, entry: { dimension: 32 } });
    expect((await home.run(["model", "show", "bert-prompts"])).code).toBe(4);
  });
});
