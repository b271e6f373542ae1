/** What `patina oxidize` reads: a commit in place of the working tree, a bare or shallow repository, pairs. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { patina } from "./support/patina.ts";
import { haveQuickStartModel } from "./support/quick-start.ts";
import { Repository } from "./support/repository.ts";

beforeAll(haveQuickStartModel, 120_000);

describe("oxidize reads", () => {
  let repository: Repository;
  let outside: string;
  beforeEach(() => {
    repository = new Repository();
    outside = realpathSync(mkdtempSync(join(tmpdir(), "patina-outside-")));
    repository.write("old.ts", "export const carrots = 'boiled';\n").commit("Boil the carrots");
    repository.write("new.ts", "export const onions = 'fried';\n").commit("Fry the onions");
  });
  afterEach(() => {
    repository[Symbol.dispose]();
    rmSync(outside, { recursive: true, force: true });
  });

  const pathsOf = async (cwd: string): Promise<string[]> => {
    const { out, error } = await patina(["scry", "carrots onions", "--kind", "code", "--json"], { cwd });
    if (out === "") throw new Error(error);
    return JSON.parse(out)
      .results.map(({ path }: { path: string }) => path)
      .sort();
  };

  test("a commit with --at, and the working tree again without it", async () => {
    const { code, out } = await patina(["oxidize", "--at", "HEAD~1"], { cwd: repository.root });
    expect(code).toBe(0);
    expect(out).toMatch(/1 file, 1 commit/);
    expect(out).toMatch(/ {2}as they are in commit [0-9a-f]{12}\n/);
    expect(await pathsOf(repository.root)).toEqual(["old.ts"]);
    const again = await patina(["oxidize"], { cwd: repository.root });
    expect(again.out).toMatch(/2 files, 2 commits/);
    expect(again.out).not.toContain("as they are in");
    expect(await pathsOf(repository.root)).toEqual(["new.ts", "old.ts"]);
  });

  test("no commit that is none", async () => {
    const { code, error } = await patina(["oxidize", "--at", "nowhere"], { cwd: repository.root });
    expect(code).toBe(3);
    expect(error).toContain('"nowhere" names no commit');
  });

  test("a bare repository at HEAD, from within, and searches it", async () => {
    const bare = join(outside, "bare.git");
    repository.git("clone", "--quiet", "--bare", repository.root, bare);
    const { code, out } = await patina(["oxidize"], { cwd: bare });
    expect(code).toBe(0);
    expect(out).toMatch(/2 files, 2 commits/);
    expect(await pathsOf(join(bare, "refs"))).toEqual(["new.ts", "old.ts"]);
    const opened = await patina(["scry", "old", "--only", "full-text", "--open"], {
      cwd: bare,
      env: { EDITOR: "true" },
    });
    expect(opened.code).toBe(3);
    expect(opened.error).toContain("`git show HEAD:");
  });

  test("a shallow clone as far as it goes, and says so", async () => {
    const shallow = join(outside, "shallow");
    repository.git("clone", "--quiet", "--depth=1", `file://${repository.root}`, shallow);
    const { out } = await patina(["oxidize"], { cwd: shallow });
    expect(out).toMatch(/2 files, 1 commit/);
    expect(out).toContain("the clone is shallow");
  });

  test("pairs, each a result of its own; a bad one stops the run and is named", async () => {
    const pair = { query: "How are leeks made?", text: "Steamed, in little water." };
    repository.write(".patina/pairs.jsonl", `${JSON.stringify(pair)}\n`);
    const { out } = await patina(["oxidize"], { cwd: repository.root });
    expect(out).toContain("1 pair");
    const found = await patina(["scry", "leeks", "--kind", "pair", "--json"], { cwd: repository.root });
    expect(JSON.parse(found.out).results[0]).toMatchObject({ kind: "pair", title: pair.query });
    repository.write(".patina/pairs.jsonl", '{"question": "?"}\n');
    const bad = await patina(["oxidize"], { cwd: repository.root });
    expect(bad.code).toBe(3);
    expect(bad.error).toContain(".patina/pairs.jsonl:1: ");
    expect(await pathsOf(repository.root)).toEqual(["new.ts", "old.ts"]);
  });
});
