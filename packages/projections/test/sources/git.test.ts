import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CollectProgress,
  collectDocuments,
  measureByCharacters,
  type SourceDocument,
} from "../../src/sources/index.ts";
import { collect, recipeOf, TemporaryRepository } from "./repository.ts";

/** Runs with these variables, and puts the old ones back. */
async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

describe("git", () => {
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

  test("a repository without commits: its files, and no commits", async () => {
    repository.write("a.ts", "a\n");
    expect((await collect(repository.root)).report).toMatchObject({ files: 0, commits: 0, passages: 0 });
    repository.git("add", "a.ts");
    expect((await collect(repository.root)).report).toMatchObject({ files: 1, commits: 0, passages: 1 });
  });

  test("no repository, no folder, git's own folder, no git: each says so", async () => {
    await expect(collect(outside)).rejects.toMatchObject({
      code: "NOT_A_REPOSITORY",
      message: `${outside} is not in a git repository; run \`git init\` there, or name a directory that is in one`,
    });
    await expect(collect(join(outside, "none"))).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
    repository.commit("one");
    const own = collect(join(repository.root, ".git"));
    await expect(own).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
    await expect(own).rejects.toThrow("run this in the checkout");
    const withoutGit = withEnvironment({ PATH: outside }, () => collect(repository.root));
    await expect(withoutGit).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
  });

  test("a shallow clone gives the commits it has", async () => {
    for (const message of ["one", "two", "three"]) {
      repository.write(`${message}.ts`, "x\n");
      repository.commit(message);
    }
    const shallow = join(outside, "shallow");
    repository.git("clone", "--quiet", "--depth=2", `file://${repository.root}`, shallow);
    const { passages, report } = await collect(shallow);
    const commits = passages.filter(({ kind }) => kind === "commit");
    // The older of the two has lost its parent, and only seems to have made every file.
    expect(commits.map(({ text }) => text)).toEqual(["three\nfiles (1):\nthree.ts", "two"]);
    const prints = async () =>
      (await Array.fromAsync(collectDocuments({ root: shallow, recipe: recipeOf() }))).map(
        ({ fingerprint }) => fingerprint,
      );
    const before = await prints();
    repository.git("-C", shallow, "fetch", "--quiet", "--unshallow");
    const after = await prints();
    // What was whole before is not read again; what was cut off is.
    expect(after.filter((print) => before.includes(print))).toHaveLength(4);
    const whole = (await collect(shallow)).passages.filter(({ kind }) => kind === "commit");
    expect(whole.map(({ text }) => text)).toContain("two\nfiles (1):\ntwo.ts");
    expect(report.shallow).toBe(true);
    expect((await collect(repository.root)).report.shallow).toBe(false);
  });

  test("no program that a configuration names is run, the repository's or the user's", async () => {
    const marker = join(outside, "ran");
    const evil = join(outside, "evil");
    writeFileSync(evil, `#!/bin/sh\necho "$0 $@" >> ${marker}\ncat\n`);
    chmodSync(evil, 0o755);
    repository.write(".gitattributes", "* diff=evil filter=evil\n");
    repository.write("a.ts", "a\n");
    repository.commit("one");
    repository.write("a.ts", "b\n");
    repository.commit("two");
    const settings = {
      "core.fsmonitor": evil,
      "core.hooksPath": join(outside, "hooks"),
      "core.pager": evil,
      "pager.log": evil,
      "core.sshCommand": evil,
      "core.alternateRefsCommand": evil,
      "diff.external": evil,
      "diff.evil.command": evil,
      "diff.evil.textconv": evil,
      "filter.evil.clean": evil,
      "filter.evil.smudge": evil,
      "gpg.program": evil,
      "log.showSignature": "true",
      "diff.orderFile": "none",
      "diff.relative": "true",
      "log.follow": "true",
      "log.showRoot": "false",
      "format.pretty": "oneline",
    };
    mkdirSync(join(outside, "hooks"));
    for (const hook of ["post-index-change", "post-checkout", "pre-commit", "reference-transaction"]) {
      writeFileSync(join(outside, "hooks", hook), `#!/bin/sh\n${evil}\n`);
      chmodSync(join(outside, "hooks", hook), 0o755);
    }
    for (const [name, value] of Object.entries(settings)) {
      repository.git("config", name, value);
      repository.git("config", `--file=${join(outside, "user")}`, name, value);
    }
    rmSync(marker, { force: true });
    const variables = {
      GIT_CONFIG_GLOBAL: join(outside, "user"),
      GIT_EXTERNAL_DIFF: evil,
      GIT_PAGER: evil,
      PAGER: evil,
      GIT_SSH_COMMAND: evil,
    };
    const { passages, report } = await withEnvironment(variables, () => collect(repository.root));
    expect(passages.find(({ title }) => title === "one")?.text).toContain("files (2):");
    expect(report).toMatchObject({ files: 2, commits: 2 });
    expect(existsSync(marker)).toBe(false);
  });

  // Only the superuser can give a file away.
  test.skipIf(process.getuid?.() !== 0)(
    "a repository of another user: refused, unless the user trusts it",
    async () => {
      repository.commit("one");
      chownSync(repository.root, 12345, 12345);
      const user = join(outside, "user");
      writeFileSync(user, "");
      const read = () => withEnvironment({ GIT_CONFIG_GLOBAL: user }, () => collect(repository.root));
      await expect(read()).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
      await expect(read()).rejects.toThrow("safe.directory");
      repository.git("config", `--file=${user}`, "safe.directory", repository.root);
      expect((await read()).report.commits).toBe(1);
    },
  );

  test("the repository is the one that was named, also within a hook of another", async () => {
    repository.write("a.ts", "a\n");
    repository.commit("one");
    const variables = {
      GIT_DIR: join(outside, ".git"),
      GIT_WORK_TREE: outside,
      GIT_INDEX_FILE: join(outside, "i"),
    };
    const { report } = await withEnvironment(variables, () => collect(repository.root));
    expect(report).toMatchObject({ files: 1, commits: 1 });
  });

  test("a program called git in the repository is not git", async () => {
    repository.write("git", "#!/bin/sh\nexit 9\n");
    chmodSync(join(repository.root, "git"), 0o755);
    repository.commit("one");
    const path = `.:${process.env.PATH}`;
    const { report } = await withEnvironment({ PATH: path }, () => collect(repository.root));
    expect(report.commits).toBe(1);
  });

  test("leaving early ends git; what was given can still be read", async () => {
    for (let index = 0; index < 20; index++) repository.write(`f${index}.ts`, "x\n");
    const hash = repository.commit("one");
    const given: SourceDocument[] = [];
    for await (const document of collectDocuments({ root: repository.root, recipe: recipeOf() })) {
      given.push(document);
      if (document.source === hash) break;
    }
    expect(given).toHaveLength(21);
    expect((await given[20]?.read())?.passages[0]?.title).toBe("one");
    expect((await given[0]?.read())?.passages[0]?.path).toBe("f0.ts");
  });

  test("a signal ends the reading, before and in the middle, among files and among commits", async () => {
    for (let index = 0; index < 20; index++) {
      repository.write(`f${index}.ts`, "x\n");
      repository.commit(`c${index}`);
    }
    for (const stopAt of [0, 5, 30]) {
      const controller = new AbortController();
      if (stopAt === 0) controller.abort();
      const stream = collectDocuments({
        root: repository.root,
        recipe: recipeOf(),
        signal: controller.signal,
      });
      let given = 0;
      const read = async () => {
        for await (const _document of stream) if (++given === stopAt) controller.abort();
      };
      await expect(read()).rejects.toMatchObject({ code: "ABORTED" });
      expect(given).toBe(stopAt);
    }
  });

  test("progress goes up to the totals it names, per stage", async () => {
    repository.write("a.ts", "a\n");
    repository.write("b.ts", "b\n");
    repository.commit("one");
    const seen: CollectProgress[] = [];
    const onProgress = (progress: CollectProgress) => seen.push(progress);
    for await (const _ of collectDocuments({ root: repository.root, recipe: recipeOf(), onProgress })) {
      // Only the progress is of interest.
    }
    expect(seen).toEqual([
      { stage: "files", done: 0, total: 2 },
      { stage: "files", done: 1, total: 2 },
      { stage: "files", done: 2, total: 2 },
      { stage: "commits", done: 0, total: 1 },
      { stage: "commits", done: 1, total: 1 },
    ]);
  });

  test("a limit that makes no passages is refused", () => {
    const options = { root: repository.root, recipe: recipeOf() };
    for (const limit of [0, 15, 1.5, Number.NaN]) {
      const measure = { ...measureByCharacters(), limit };
      expect(() => collectDocuments({ ...options, measure })).toThrow("limit");
    }
  });
});
