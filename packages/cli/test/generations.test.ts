import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, patina } from "./support/patina.ts";
import { Repository } from "./support/repository.ts";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const home = new TinyHome([{ name: "fp32" }]);
afterAll(() => home[Symbol.dispose]());

beforeAll(async () => {
  const added = await home.run(["model", "add", TINY]);
  expect(added).toMatchObject({ code: 0 });
}, 60_000);

/** A repository with two generations; `change` made the second. */
class Indexed implements Disposable {
  readonly repository = new Repository();
  first = "";
  second = "";

  run(...args: string[]): Promise<Outcome> {
    return patina(args, { cwd: this.repository.root, home: home.home });
  }

  async generation(...args: string[]): Promise<string> {
    const { code, out, error } = await this.run("oxidize", "--model", TINY, "--json", ...args);
    if (code !== 0) throw new Error(error);
    return JSON.parse(out).generation;
  }

  async make(): Promise<this> {
    this.repository
      .write("a.ts", "export const a = 1;\n")
      .write("b.ts", "export const b = 2;\n")
      .commit("Begin");
    this.first = await this.generation();
    this.repository.write("a.ts", "export const alpha = 1;\n");
    this.second = await this.generation();
    return this;
  }

  current(): string {
    return readFileSync(join(this.repository.root, ".patina/local/current"), "utf8").trim();
  }

  file(generation: string, name: string): string {
    return join(this.repository.root, ".patina/local/generations", generation, name);
  }

  [Symbol.dispose](): void {
    this.repository[Symbol.dispose]();
  }
}

describe("oxidize says", () => {
  test("what was read, what moved, and why all was built anew", async () => {
    using indexed = await new Indexed().make();
    const { repository } = indexed;
    repository.write("b.ts", "export const beta = 2;\n");
    const changed = await indexed.run("oxidize", "--model", TINY);
    expect(changed.out).toContain("  changed: 1 read, 2 as they were, 0 gone\n");
    repository.git("mv", "a.ts", "renamed.ts");
    const moved = await indexed.run("oxidize", "--model", TINY);
    expect(moved.out).toContain("  changed: 1 read, 2 as they were, 1 gone\n");
    expect(moved.out).toContain("  1 text kept the vectors of renamed files (--full embeds them anew)\n");
    const full = await indexed.run("oxidize", "--model", TINY, "--full");
    expect(full.out).toContain("  built whole, since that was asked for: 3 read, 0 as they were, 0 gone\n");
    expect(full.out).toContain("  embedded 1 (");
    const nothing = await indexed.run("oxidize", "--model", TINY);
    expect(nothing.out).toStartWith("nothing to embed: the index is current\n");
  }, 60_000);
});

describe("generations", () => {
  test("list names them, and marks the current one", async () => {
    using indexed = await new Indexed().make();
    const { code, out } = await indexed.run("generations", "list");
    expect(code).toBe(0);
    const [head, ...lines] = out.trimEnd().split("\n");
    expect(head).toMatch(/^ +GENERATION +MODEL +PASSAGES +SIZE +PROBLEM$/);
    expect(lines[0]).toStartWith(`   ${indexed.first}  ${TINY} fp32 (onnx)`);
    expect(lines[1]).toStartWith(`*  ${indexed.second}  ${TINY} fp32 (onnx)`);
    const { generations } = JSON.parse((await indexed.run("generations", "list", "--json")).out);
    expect(generations).toMatchObject([
      { id: indexed.first, current: false, problem: null, manifest: { previous: null } },
      { id: indexed.second, current: true, problem: null, manifest: { previous: indexed.first } },
    ]);
  }, 60_000);

  test("rollback goes back, use goes forth, and a search answers from each", async () => {
    using indexed = await new Indexed().make();
    const answering = async (): Promise<string> => {
      const { out } = await indexed.run("scry", "alpha", "--json");
      return JSON.parse(out).generation;
    };
    const back = await indexed.run("generations", "rollback");
    expect(back).toMatchObject({
      code: 0,
      out: `${indexed.first} is current now, in place of ${indexed.second}\n`,
    });
    expect(await answering()).toBe(indexed.first);
    const again = await indexed.run("generations", "rollback", "--json");
    expect(again.code).toBe(3);
    expect(JSON.parse(again.error).error.message).toContain(`there is no generation before ${indexed.first}`);
    const forth = await indexed.run("generations", "use", indexed.second, "--json");
    expect(JSON.parse(forth.out)).toMatchObject({ id: indexed.second, before: indexed.first });
    expect(await answering()).toBe(indexed.second);
  }, 60_000);

  test("oxidize after a rollback builds on the generation gone back to", async () => {
    using indexed = await new Indexed().make();
    await indexed.run("generations", "rollback");
    const third = JSON.parse((await indexed.run("oxidize", "--model", TINY, "--json")).out);
    expect(third).toMatchObject({ whole: null, documents: { read: 1, kept: 2 }, embedded: 0 });
    const shown = JSON.parse((await indexed.run("generations", "show", "--json")).out);
    expect(shown.manifest.previous).toBe(indexed.first);
    await indexed.run("generations", "rollback");
    expect(indexed.current()).toBe(indexed.first);
  }, 60_000);

  test("a damaged one is shown as such, exits with 1, and is not used", async () => {
    using indexed = await new Indexed().make();
    const file = indexed.file(indexed.first, "vectors/passages.f32");
    const bytes = readFileSync(file);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const shown = await indexed.run("generations", "show", indexed.first);
    expect(shown.code).toBe(1);
    expect(shown.out).toContain(`${file} is damaged`);
    const { code, error } = await indexed.run("generations", "use", indexed.first);
    expect(code).toBe(5);
    expect(error).toContain(`generation ${indexed.first} cannot be used, and nothing was changed: ${file}`);
    expect((await indexed.run("generations", "rollback")).code).toBe(5);
    expect(indexed.current()).toBe(indexed.second);
    expect((await indexed.run("generations", "show")).code).toBe(0);
  }, 60_000);

  test("prune keeps what it is told to, and never the current one's place", async () => {
    using indexed = await new Indexed().make();
    await indexed.run("generations", "rollback");
    const { code, out } = await indexed.run("generations", "prune", "--keep", "1");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^removed ${indexed.second}\\n.* freed, 1 generation stays\\n$`));
    expect(indexed.current()).toBe(indexed.first);
    expect((await indexed.run("generations", "prune")).out).toBe("nothing to remove: 1 generation stays\n");
    expect((await indexed.run("generations", "prune", "--keep", "0")).code).toBe(2);
  }, 60_000);

  test("a name is taken by its beginning, and one that fits none or several is told what there is", async () => {
    using indexed = await new Indexed().make();
    const short = await indexed.run("generations", "show", indexed.first.slice(0, -4));
    expect(short.out).toStartWith(indexed.first);
    const several = await indexed.run("generations", "use", "2");
    expect(several.code).toBe(3);
    expect(several.error).toContain(
      `2 generations begin with “2”; there are ${indexed.first}, ${indexed.second}`,
    );
    expect((await indexed.run("generations", "use", "x")).error).toContain("no generation is called “x”");
  }, 60_000);

  test("before the first run there are none", async () => {
    using repository = new Repository();
    const run = (...args: string[]): Promise<Outcome> =>
      patina(["generations", ...args], { cwd: repository.root });
    expect(await run("list")).toMatchObject({
      code: 0,
      out: expect.stringContaining("nothing is indexed yet"),
    });
    for (const args of [["show"], ["rollback"], ["prune"], ["use", "x"]]) {
      const { code, error } = await run(...args);
      expect(code).toBe(3);
      expect(error).toContain("patina oxidize");
    }
    rmSync(join(repository.root, ".patina"), { recursive: true, force: true });
  }, 60_000);
});
