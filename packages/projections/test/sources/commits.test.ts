import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { collectDocuments, type Passage } from "../../src/sources/index.ts";
import { collect, recipeOf, TemporaryRepository } from "./repository.ts";

const COMMITS_ONLY = "sources: { code: { include: [] }, notes: { include: [] } }\n";

describe("commits", () => {
  let repository: TemporaryRepository;
  beforeEach(() => {
    repository = new TemporaryRepository();
  });
  afterEach(() => repository.remove());

  const commits = async (root = repository.root) => {
    const { passages, report } = await collect(root, recipeOf(COMMITS_ONLY));
    return { passages: passages.filter(({ kind }) => kind === "commit"), report };
  };

  test("subject, body and touched files, newest first, with hash and time", async () => {
    repository.write("src/a.ts", "1\n");
    const first = repository.commit("Begin\n\nBecause one must.\n");
    repository.write("src/a.ts", "2\n");
    const second = repository.commit("Go on\n", { GIT_COMMITTER_DATE: "2024-03-02T00:00:00Z" });
    const { passages, report } = await commits();
    expect(report.commits).toBe(2);
    expect(passages).toMatchObject([
      {
        commit: second,
        title: "Go on",
        time: Date.UTC(2024, 2, 2) / 1000,
        text: "Go on\nfiles (1):\nsrc/a.ts",
      },
      { commit: first, title: "Begin", text: "Begin\nBecause one must.\n\nfiles (1):\nsrc/a.ts" },
    ] satisfies Partial<Passage>[]);
    expect(passages[0]).toMatchObject({ path: null, startLine: null, endLine: null });
  });

  test("paths that look like git's own output, merges, no message, no files", async () => {
    for (const path of ["M", "A\nM", "é 😀", '"quoted"', "-dash", "\tTab"]) repository.write(path, "x\n");
    repository.commit("names");
    repository.git("checkout", "--quiet", "-b", "side");
    repository.write("side", "x\n");
    repository.commit("side");
    repository.git("checkout", "--quiet", "main");
    repository.commit("empty");
    repository.git("merge", "--quiet", "--no-ff", "-m", "merge it", "side");
    repository.gitWith({}, "commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", "");
    const { passages } = await commits();
    const texts = passages.map(({ text }) => text);
    expect(texts[0]).toStartWith("commit ");
    expect(texts).toContain("merge it");
    expect(texts).toContain("empty");
    expect(texts).toContain("side\nfiles (1):\nside");
    const names = texts
      .find((text) => text.startsWith("names"))
      ?.split("\n")
      .slice(2)
      .sort();
    expect(names).toEqual(["M", "A M", "é 😀", '"quoted"', "-dash", "\tTab"].sort());
  });

  test("a thousand touched files are counted and not listed; a long message is cut, each part with its subject", async () => {
    for (let index = 0; index < 1000; index++) repository.write(`f/${index}`, "x\n");
    repository.commit(
      `Subject\n\n${"A sentence of the body. ".repeat(20)}\n\n${"Another one. ".repeat(120)}`,
    );
    const { passages } = await commits();
    expect(passages.length).toBeGreaterThan(2);
    for (const passage of passages) {
      expect(passage.text).toStartWith("Subject\n");
      expect(passage.text.length).toBeLessThanOrEqual(1000 + "Subject\n".length);
    }
    const all = passages.map(({ text }) => text).join("\n");
    expect(all).toContain("files (1000):");
    expect(all).toContain("and 980 more");
    expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
  });

  test("secrets are redacted in messages and subjects, bytes that are not UTF-8 are counted", async () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    repository.commit(`Use ${token}\n\npassword = "hunter22x"\n`);
    const tree = repository.git("write-tree").trim();
    const person = "Ada <ada@example.org> 1709294400 +0000";
    const parent = repository.git("rev-parse", "HEAD").trim();
    const head = `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n\ncaf`;
    const commit = Buffer.concat([Buffer.from(head), Buffer.from([0xe9])]);
    const hash = repository.gitWith({ input: commit }, "hash-object", "-t", "commit", "-w", "--stdin").trim();
    repository.git("update-ref", "HEAD", hash);
    const { passages, report } = await commits();
    expect(passages[0]?.title).toBe("caf\uFFFD");
    expect(passages[1]?.text).toBe('Use [redacted:github-token]\npassword = "[redacted:secret]"');
    expect(passages[1]?.title).toBe("Use [redacted:github-token]");
    expect(report).toMatchObject({ redactions: 2, invalidUtf8: 1 });
  });

  test("`since` leaves older ones out", async () => {
    repository.commit("old");
    repository.commit("new", { GIT_COMMITTER_DATE: "2024-06-01T00:00:00Z" });
    const { passages } = await collect(
      repository.root,
      recipeOf("sources: { commits: { since: 2024-05-01 } }"),
    );
    expect(passages.map(({ title }) => title)).toEqual(["new"]);
  });

  test("a folder of a repository: its files and its commits, by paths relative to it", async () => {
    repository.write("one/a.ts", "a\n");
    repository.commit("one");
    repository.write("two/b.ts", "b\n");
    repository.commit("two");
    const { passages, report } = await collect(join(repository.root, "two"));
    expect(passages.map(({ path, title }) => path ?? title)).toEqual(["b.ts", "two"]);
    expect(passages[1]?.text).toBe("two\nfiles (1):\nb.ts");
    expect(report.commits).toBe(1);
    mkdirSync(join(repository.root, "three"));
    expect((await collect(join(repository.root, "three"))).report.passages).toBe(0);
  });

  test("the author is the one of .mailmap, a mark says what kind of commit it is", async () => {
    const by = (name: string, mail: string) => ({ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: mail });
    repository.write(".mailmap", "Ada Lovelace <ada@example.org>\n");
    for (let index = 0; index < 12; index++)
      repository.write(`old/${index}.ts`, `export const n = ${index};\n`);
    repository.commit("begin");
    const bots: [string, string][] = [
      ["dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"],
      ["Renovate Bot", "bot@renovateapp.com"],
      ["GitHub Action", "action@github.com"],
      ["github-actions", "actions@github.com"],
      ["Someone", "41898282+github-actions[bot]@users.noreply.github.com"],
    ];
    for (const [name, mail] of bots) repository.commit(`bot ${name}`, by(name, mail));
    const people: [string, string][] = [
      ["Abbot", "abbot@example.org"],
      ["Robot Chicken", "chicken@example.org"],
      ["Talbot", "t.bothwell@example.org"],
    ];
    for (const [name, mail] of people) repository.commit(`person ${name}`, by(name, mail));
    repository.git("mv", "old", "new");
    const moved = repository.commit("move a folder");
    repository.git("mv", "new/1.ts", "new/one.ts");
    repository.write("new/2.ts", "export const n = 'two';\n");
    const few = repository.commit("move one");
    repository.git("checkout", "--quiet", "-b", "side", "HEAD~1");
    repository.commit("side");
    repository.git("checkout", "--quiet", "main");
    repository.git("merge", "--quiet", "--no-ff", "-m", "merge it", "side");
    const { passages } = await commits();
    const marks = Object.fromEntries(passages.map(({ title, marks }) => [title, marks]));
    expect(marks).toEqual({
      begin: [],
      ...Object.fromEntries(bots.map(([name]) => [`bot ${name}`, ["bot"]])),
      ...Object.fromEntries(people.map(([name]) => [`person ${name}`, []])),
      "move a folder": ["mass-rename"],
      "move one": [],
      side: [],
      "merge it": ["merge"],
    });
    expect(passages.find(({ title }) => title === "begin")?.author).toBe("Ada Lovelace");
    expect(passages.find(({ title }) => title === "person Talbot")?.author).toBe("Talbot");
    expect(passages.find(({ commit }) => commit === moved)?.text).toStartWith(
      "move a folder\nfiles (12):\nnew/0.ts",
    );
    expect(passages.find(({ commit }) => commit === few)?.text).toBe(
      "move one\nfiles (2):\nnew/2.ts\nnew/one.ts",
    );
  });

  test("touched paths: the first 200, by their own names, for the index; a few of them in the text", async () => {
    for (let index = 0; index < 300; index++) repository.write(`f/${String(index).padStart(3, "0")}`, "x\n");
    const hash = repository.commit("many");
    const stream = collectDocuments({ root: repository.root, recipe: recipeOf(COMMITS_ONLY) });
    for await (const document of stream) {
      if (document.source !== hash) continue;
      const { touched } = await document.read();
      expect(touched).toHaveLength(200);
      expect([touched[0], touched.at(-1)]).toEqual(["f/000", "f/199"]);
    }
  });

  test("a message of a megabyte is left out and counted", async () => {
    repository.commit("x".repeat(1024 * 1024));
    repository.commit("after");
    const { passages, report } = await commits();
    expect(passages.map(({ title }) => title)).toEqual(["after"]);
    expect(report.skipped.oversized).toBe(1);
  });
});
