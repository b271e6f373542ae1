import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CollectOptions,
  collectDocuments,
  measureByCharacters,
  type SourceDocument,
} from "../../src/sources/index.ts";
import { recipeOf, TemporaryRepository } from "./repository.ts";

const TEXT = "export const answer = 42;\n";

describe("documents", () => {
  let repository: TemporaryRepository;
  beforeEach(() => {
    repository = new TemporaryRepository();
  });
  afterEach(() => repository.remove());

  const documents = (options: Partial<CollectOptions> = {}): Promise<SourceDocument[]> =>
    Array.fromAsync(collectDocuments({ root: repository.root, recipe: recipeOf(), ...options }));

  /** Fingerprints by source, and that what is read agrees with each. */
  const fingerprints = async (options: Partial<CollectOptions> = {}): Promise<Record<string, string>> => {
    const found = await documents(options);
    for (const document of found) expect((await document.read()).fingerprint).toBe(document.fingerprint);
    return Object.fromEntries(found.map(({ source, fingerprint }) => [source, fingerprint]));
  };

  test("every tracked path and every commit is one, those that are left out as well", async () => {
    for (const path of ["a.ts", ".env", "yarn.lock", "docs/n.md"]) repository.write(path, TEXT);
    symlinkSync("a.ts", join(repository.root, "link"));
    const hash = repository.commit("one");
    const found = await documents();
    expect(found.map(({ kind, source }) => [kind, source])).toEqual([
      ["code", ".env"],
      ["code", "a.ts"],
      ["note", "docs/n.md"],
      ["code", "link"],
      ["code", "yarn.lock"],
      ["commit", hash],
    ]);
    const outcomes = await Promise.all(found.map(async (document) => (await document.read()).outcome));
    expect(outcomes.map((outcome) => (outcome.kind === "skipped" ? outcome.reason : outcome.kind))).toEqual([
      "secret",
      "taken",
      "taken",
      "symlink",
      "lockfile",
      "taken",
    ]);
  });

  test("a fingerprint follows the content: not the time, not whether git was told", async () => {
    repository.write("a.ts", TEXT);
    repository.write("b.ts", TEXT);
    repository.commit("one");
    const first = await fingerprints();
    expect(first["a.ts"]).toBe(first["b.ts"] as string);
    utimesSync(join(repository.root, "a.ts"), 1, 1);
    expect(await fingerprints()).toEqual(first);
    repository.write("a.ts", "export const answer = 43;\n");
    const changed = await fingerprints();
    expect(changed["a.ts"]).not.toBe(first["a.ts"] as string);
    expect(changed["b.ts"]).toBe(first["b.ts"] as string);
    repository.git("add", "a.ts");
    expect(await fingerprints()).toEqual(changed);
    repository.write("a.ts", TEXT);
    expect(await fingerprints()).toEqual(first);
  });

  test("a change that keeps size and time is seen while the file is as young as git's index", async () => {
    for (let round = 0; round < 20; round++) {
      repository.write("a.ts", `export const answer = ${round + 10};\n`);
      repository.git("add", "a.ts");
      const { mtime, atime } = statSync(join(repository.root, "a.ts"));
      const before = await fingerprints();
      repository.write("a.ts", `export const answer = ${round + 50};\n`);
      utimesSync(join(repository.root, "a.ts"), atime, mtime);
      expect((await fingerprints())["a.ts"]).not.toBe(before["a.ts"] as string);
    }
  });

  test("a change is seen where git was told not to look", async () => {
    for (const path of ["assumed.ts", "skipped.ts", "new.ts"]) repository.write(path, TEXT);
    repository.commit("one");
    const first = await fingerprints();
    repository.git("update-index", "--assume-unchanged", "assumed.ts");
    repository.git("update-index", "--skip-worktree", "skipped.ts");
    expect(await fingerprints()).toEqual(first);
    for (const path of ["assumed.ts", "skipped.ts"]) repository.write(path, "other\n");
    const second = await fingerprints();
    for (const path of ["assumed.ts", "skipped.ts"]) expect(second[path]).not.toBe(first[path] as string);
  });

  test("a file in conflict, one that is only intended, one that a filter converted: what lies there counts", async () => {
    repository.write("a.ts", "base\n");
    repository.write(".gitattributes", "*.up filter=up\n");
    repository.git("config", "filter.up.clean", "tr a-z A-Z");
    repository.write("b.up", "shout\n");
    repository.commit("one");
    expect(repository.git("cat-file", "blob", "HEAD:b.up")).toBe("SHOUT\n");
    repository.git("checkout", "--quiet", "-b", "side");
    repository.write("a.ts", "theirs\n");
    repository.commit("side");
    repository.git("checkout", "--quiet", "main");
    repository.write("a.ts", "ours\n");
    repository.commit("ours");
    expect(() => repository.git("merge", "--quiet", "side")).toThrow();
    repository.write("new.ts", TEXT);
    repository.git("add", "--intent-to-add", "new.ts");
    const found = await documents();
    const textOf = async (path: string) =>
      (await found.find(({ source }) => source === path)?.read())?.passages[0]?.text;
    expect(await textOf("a.ts")).toContain("<<<<<<<");
    expect(await textOf("new.ts")).toContain("answer");
    expect(await textOf("b.up")).toBe("b.up\nshout");
    const first = await fingerprints();
    for (const path of ["a.ts", "new.ts", "b.up"]) {
      repository.write(path, "something else\n");
      expect((await fingerprints())[path]).not.toBe(first[path] as string);
    }
  });

  test("what lies there cannot be read: another fingerprint, and the old one when it can be again", async () => {
    for (const path of ["a.ts", "folder/b.ts"]) repository.write(path, TEXT);
    repository.commit("one");
    const first = await fingerprints();
    unlinkSync(join(repository.root, "a.ts"));
    renameSync(join(repository.root, "folder"), join(repository.root, "elsewhere"));
    symlinkSync("elsewhere", join(repository.root, "folder"));
    const second = await fingerprints();
    expect(second["a.ts"]).toContain("missing");
    expect(second["folder/b.ts"]).toContain("symlink");
    repository.git("checkout", "--quiet", "--", ".");
    expect(await fingerprints()).toEqual(first);
  });

  test("a file that changes between its fingerprint and its reading has the fingerprint of what was read", async () => {
    repository.write("a.ts", TEXT);
    repository.commit("one");
    const [document] = await documents();
    repository.write("a.ts", "other\n");
    const read = await document?.read();
    expect(read?.passages[0]?.text).toBe("a.ts\nother");
    expect(read?.fingerprint).toBe((await fingerprints())["a.ts"] as string);
    expect(read?.fingerprint).not.toBe(document?.fingerprint);
  });

  test("line breaks that a checkout writes as CRLF change neither fingerprint nor passages", async () => {
    repository.write("a.ts", "one\ntwo\n");
    repository.commit("one");
    const before = await documents();
    const passages = await Promise.all(before.map(async (document) => (await document.read()).passages));
    repository.git("config", "core.autocrlf", "true");
    unlinkSync(join(repository.root, "a.ts"));
    repository.git("checkout", "--quiet", "--", "a.ts");
    expect(statSync(join(repository.root, "a.ts")).size).toBe(10);
    const after = await documents();
    expect(after.map(({ fingerprint }) => fingerprint)).toEqual(before.map(({ fingerprint }) => fingerprint));
    expect(await Promise.all(after.map(async (document) => (await document.read()).passages))).toEqual(
      passages,
    );
    await fingerprints();
  });

  test("how passages are made is a part of it, and the names of .mailmap of a commit's", async () => {
    repository.write("a.ts", TEXT);
    const hash = repository.commit("one");
    const first = await fingerprints();
    const narrow = await fingerprints({ measure: measureByCharacters(100) });
    for (const source of ["a.ts", hash]) expect(narrow[source]).not.toBe(first[source] as string);
    repository.write(".mailmap", "Countess <ada@example.org>\n");
    const named = await documents();
    const commit = named.find(({ kind }) => kind === "commit");
    expect(commit?.fingerprint).not.toBe(first[hash] as string);
    expect((await commit?.read())?.passages[0]?.author).toBe("Countess");
  });
});

describe("the tree of a commit", () => {
  let repository: TemporaryRepository;
  let outside: string;
  beforeEach(() => {
    repository = new TemporaryRepository();
    outside = mkdtempSync(join(tmpdir(), "patina-outside-"));
  });
  afterEach(() => {
    repository.remove();
    rmSync(outside, { recursive: true, force: true });
  });

  const read = async (options: Partial<CollectOptions>) => {
    const stream = collectDocuments({ root: repository.root, recipe: recipeOf(), ...options });
    const found = [];
    for await (const document of stream) found.push({ ...document, ...(await document.read()) });
    return { found, facts: stream.facts() };
  };

  /** A repository with one of everything, and a working tree that is quite another. */
  const prepared = (): string => {
    repository.write(".patinaignore", "*.snap\n");
    repository.write("sub/.patinaignore", "!keep.snap\nlocal.ts\n");
    repository.write(".gitattributes", "gen/** linguist-generated\n");
    for (const path of ["a.ts", "x.snap", "sub/keep.snap", "sub/local.ts", "gen/b.ts", "é ü.ts"])
      repository.write(path, TEXT);
    repository.write("empty.ts", "");
    repository.write("large.txt", "a line of text\n".repeat(80_000));
    repository.write("docs/plan.md", "# Plan\n\n## One\n\ntext\n");
    repository.write(".env", "SECRET=1\n");
    symlinkSync("a.ts", join(repository.root, "link"));
    const head = repository.commit("one");
    repository.git("update-index", "--add", "--cacheinfo", `160000,${head},module`);
    repository.gitWith({}, "commit", "--quiet", "-m", "two");
    return repository.git("rev-parse", "HEAD").trim();
  };

  test("gives the documents that its checkout gives, ignore rules, attributes and secrets included", async () => {
    const commit = prepared();
    const checkout = await read({});
    const parts = ({ found }: Awaited<ReturnType<typeof read>>) =>
      found.map(({ read: _read, ...rest }) => rest);
    const tree = await read({ at: "HEAD" });
    expect(tree.facts).toEqual({ at: commit, shallow: false });
    expect(checkout.facts.at).toBeNull();
    // git leaves a submodule's folder empty, and it makes no difference.
    expect(parts(tree)).toEqual(parts(checkout));
    const reasons = tree.found.flatMap(({ outcome }) => (outcome.kind === "skipped" ? [outcome.reason] : []));
    expect(reasons.sort() as string[]).toEqual(
      ["empty", "generated", "ignored", "ignored", "oversized", "secret", "submodule", "symlink"].sort(),
    );
  });

  test("nothing of the working tree, nothing of later commits; tags, and names that are none", async () => {
    repository.write("a.ts", "old\n");
    const first = repository.commit("one");
    repository.git("tag", "--annotate", "-m", "v1", "v1");
    repository.write("a.ts", "new\n");
    repository.write("b.ts", "new\n");
    repository.commit("two");
    repository.write(".patinaignore", "a.ts\n");
    for (const at of [first, "v1", "HEAD~1", first.slice(0, 10)]) {
      const { found, facts } = await read({ at });
      expect(facts.at).toBe(first);
      expect(found.map(({ source }) => source)).toEqual(["a.ts", first]);
      expect(found[0]?.passages[0]?.text).toBe("a.ts\nold");
    }
    for (const at of ["none", "--all", "HEAD:a.ts", "", "HEAD\nHEAD"]) {
      await expect(read({ at })).rejects.toMatchObject({ code: "INVALID_INPUT", details: { key: "at" } });
    }
  });

  test("a bare repository is read at HEAD, one without commits gives nothing", async () => {
    const commit = prepared();
    repository.git("clone", "--quiet", "--bare", repository.root, join(outside, "bare.git"));
    const root = join(outside, "bare.git");
    const bare = await read({ root });
    expect(bare.facts.at).toBe(commit);
    const checkout = await read({});
    expect(bare.found.map(({ passages }) => passages)).toEqual(
      checkout.found.map(({ passages }) => passages),
    );
    repository.git("init", "--quiet", "--bare", join(outside, "new.git"));
    expect((await read({ root: join(outside, "new.git") })).found).toEqual([]);
  });

  test("a folder: its part of the tree, by paths relative to it", async () => {
    repository.write("one/a.ts", "a\n");
    repository.write("two/.gitattributes", "*.gen linguist-generated\n");
    repository.write("two/b.gen", "b\n");
    repository.write("two/c.ts", "c\n");
    const hash = repository.commit("one");
    const { found } = await read({ root: join(repository.root, "two"), at: "HEAD" });
    expect(found.map(({ source, outcome }) => [source, outcome.kind])).toEqual([
      [".gitattributes", "taken"],
      ["b.gen", "skipped"],
      ["c.ts", "taken"],
      [hash, "taken"],
    ]);
  });

  test("a clone that left its blobs behind names each that is not there, and fetches none", async () => {
    repository.write("a.ts", TEXT);
    repository.commit("one");
    repository.git("config", "uploadpack.allowFilter", "true");
    const root = join(outside, "partial.git");
    repository.git("clone", "--quiet", "--bare", "--filter=blob:none", `file://${repository.root}`, root);
    const { found } = await read({ root });
    expect(found[0]?.outcome).toEqual({ kind: "unreadable", reason: "git does not have it" });
  });
});
