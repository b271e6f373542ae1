import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SKIP_REASONS, type SkipReason } from "../../src/sources/index.ts";
import { collect, recipeOf, TemporaryRepository } from "./repository.ts";

const TEXT = "export const answer = 42;\n";

describe("files", () => {
  let repository: TemporaryRepository;
  beforeEach(() => {
    repository = new TemporaryRepository();
  });
  afterEach(() => repository.remove());

  const pathsOf = async (more = "") => {
    const { passages, report } = await collect(repository.root, recipeOf(more));
    const paths = [...new Set(passages.flatMap(({ path }) => (path === null ? [] : [path])))];
    const skipped = Object.fromEntries(Object.entries(report.skipped).filter(([, count]) => count > 0));
    return { paths, passages, report, skipped: skipped as Partial<Record<SkipReason, number>> };
  };

  test("what is tracked is read as it is in the working tree; what is not tracked is not", async () => {
    repository.write(".gitignore", "built/\n");
    repository.write("src/a.ts", "old\n");
    repository.commit("one");
    repository.write("src/a.ts", `${TEXT}\nexport const more = 1;\n`);
    repository.write("built/b.ts", TEXT);
    repository.write("untracked.ts", TEXT);
    const { passages, report } = await pathsOf();
    expect(passages.filter(({ kind }) => kind === "code")).toMatchObject([
      { path: ".gitignore", startLine: 1, endLine: 1, text: ".gitignore\nbuilt/" },
      { path: "src/a.ts", title: "src/a.ts", startLine: 1, endLine: 3, commit: null, time: null },
    ]);
    expect(passages[1]?.text).toBe(`src/a.ts\nanswer, more\n${TEXT}\nexport const more = 1;`);
    expect(report).toMatchObject({ files: 2, commits: 1, notes: 0, passages: 3 });
    expect(Object.keys(report.skipped).sort()).toEqual([...SKIP_REASONS].sort());
  });

  test("notes: globs, headings, date; a note is not code as well, other Markdown is code", async () => {
    repository.write(
      "docs/plan.md",
      "---\ndate: 2024-03-05\n---\n# Plan\n\n## First\n\nDo it.\n\n## Then\n\nRest.\n",
    );
    repository.write("docs/picture.svg", "<svg/>\n");
    repository.write("README.md", "# Read\n\n## Me\n\nPlease.\n");
    repository.commit("notes");
    const { passages, report } = await pathsOf();
    expect(passages.filter(({ kind }) => kind === "note")).toMatchObject([
      { title: "Plan › First", startLine: 1, endLine: 8, time: Date.UTC(2024, 2, 5) / 1000 },
      {
        title: "Plan › Then",
        startLine: 10,
        endLine: 12,
        text: "docs/plan.md\nPlan › Then\n## Then\n\nRest.",
      },
    ]);
    expect(passages.find(({ path }) => path === "README.md")).toMatchObject({
      kind: "code",
      title: "README.md",
      text: "README.md\nRead › Me\n# Read\n\n## Me\n\nPlease.",
    });
    expect(report).toMatchObject({ files: 2, notes: 1 });
  });

  test("notes: title, author and tags of the front matter go with each passage", async () => {
    repository.write(
      "docs/plan.md",
      "---\ntitle: Sockets\nauthor: Ada\ntags: [net, io]\n---\n# Plan\n\n## First\n\nDo it.\n\n## Then\n\nRest.\n",
    );
    repository.write("docs/same.md", "---\ntitle: Same\n---\n# Same\n\ntext\n");
    repository.write("README.md", "---\ntitle: Not a note\n---\ntext\n");
    repository.commit("notes");
    const { passages } = await pathsOf();
    const notes = passages.filter(({ kind }) => kind === "note");
    expect(notes.map(({ title }) => title)).toEqual([
      "Sockets › Plan › First",
      "Sockets › Plan › Then",
      "Same",
    ]);
    expect(notes[1]).toMatchObject({
      author: "Ada",
      text: "docs/plan.md\nnet, io\nSockets › Plan › Then\n## Then\n\nRest.",
    });
    expect(passages.find(({ path }) => path === "README.md")).toMatchObject({
      author: null,
      title: "README.md",
    });
  });

  test("include and exclude", async () => {
    for (const path of ["a.ts", "b.js", "lib/c.ts", "lib/c.test.ts", ".hidden/d.ts"])
      repository.write(path, TEXT);
    repository.commit("one");
    const { paths, skipped } = await pathsOf(
      "sources: { code: { include: ['**/*.ts'], exclude: ['**/*.test.ts'] }, notes: { include: [] } }",
    );
    expect(paths).toEqual([".hidden/d.ts", "a.ts", "lib/c.ts"]);
    expect(skipped).toEqual({ excluded: 2 });
  });

  test(".patinaignore, also in folders, and linguist-generated", async () => {
    repository.write(".patinaignore", "# rules\n*.snap\n/vendor/\n!keep.snap\n");
    repository.write("sub/.patinaignore", "!*.snap\nlocal.ts\n");
    repository.write(
      ".gitattributes",
      "gen/** linguist-generated\nset.ts linguist-generated=true\nno.ts -linguist-generated\n",
    );
    const ignored = ["a.snap", "vendor/x.ts", "sub/local.ts"];
    const generated = ["gen/a.ts", "gen/deep/b.ts", "set.ts"];
    const kept = ["keep.snap", "sub/b.snap", "lib/vendor/y.ts", "no.ts", "local.ts", "A.SNAP"];
    for (const path of [...ignored, ...generated, ...kept]) repository.write(path, TEXT);
    repository.commit("one");
    const { paths, skipped } = await pathsOf();
    expect(paths.sort()).toEqual([...kept, ".gitattributes", ".patinaignore", "sub/.patinaignore"].sort());
    expect(skipped).toEqual({ ignored: 3, generated: 3 });
  });

  test("ignore rules that cannot be read stop the reading: what they name must not be indexed", async () => {
    repository.write("a.ts", TEXT);
    repository.commit("one");
    symlinkSync("a.ts", join(repository.root, ".patinaignore"));
    await expect(pathsOf()).rejects.toMatchObject({ code: "IO", details: { file: ".patinaignore" } });
  });

  test("each kind of file that is no text of a person", async () => {
    const files: Record<string, [SkipReason, string | Uint8Array]> = {
      "yarn.lock": ["lockfile", TEXT],
      "sub/package-lock.json": ["lockfile", "{}\n"],
      "app.min.js": ["minified", TEXT],
      "app.js.map": ["minified", TEXT],
      "bundle.js": ["minified", `!function(){${'var a="b";c(a);'.repeat(2000)}}()`],
      "one-line.json": ["minified", JSON.stringify(new Array(20_000).fill("a b"))],
      "picture.png": ["binary", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 1])],
      "utf16.txt": ["binary", Buffer.from("\ufeffplain text", "utf16le")],
      "noise.dat": ["binary", Uint8Array.from({ length: 5000 }, (_, index) => 128 + (index % 64))],
      "large.txt": ["oversized", "a line of text\n".repeat(80_000)],
      "empty.ts": ["empty", ""],
      "blank.ts": ["empty", "\n  \n\t\n"],
      "model.bin": ["lfs-pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"],
    };
    for (const [path, [, content]] of Object.entries(files)) repository.write(path, content);
    repository.commit("one");
    const expected: Partial<Record<SkipReason, number>> = {};
    for (const [reason] of Object.values(files)) expected[reason] = (expected[reason] ?? 0) + 1;
    const { paths, skipped } = await pathsOf();
    expect(paths).toEqual([]);
    expect(skipped).toEqual(expected);
  });

  test("secrets stay out by name, and are redacted where they stand in a text", async () => {
    const secret = [
      ".env",
      ".env.local",
      "config/prod.env",
      "id_rsa",
      "server.pem",
      "cert.p12",
      ".netrc",
      ".npmrc",
    ];
    secret.push(".aws/credentials", "deploy/credentials.json", "Key.PEM", "home/.ssh/config");
    for (const path of [...secret, "environment.ts", "keys.ts"]) repository.write(path, TEXT);
    const token = `AKIA${"A2B3C4D5E6F7G2H3"}`;
    repository.write("leak.ts", `one\nconst key = "${token}";\nthree\n`);
    repository.write(`names/ghp_${"a1B2".repeat(9)}.ts`, TEXT);
    repository.commit("one");
    const { paths, passages, skipped, report } = await pathsOf();
    expect(skipped).toEqual({ secret: secret.length });
    expect(paths).toHaveLength(4);
    expect(passages.find(({ path }) => path === "leak.ts")?.text).toBe(
      'leak.ts\nkey\none\nconst key = "[redacted:aws-key]";\nthree',
    );
    const named = passages.find(({ path }) => path?.startsWith("names/"));
    expect(named?.title).toBe("names/[redacted:github-token].ts");
    // The file's path, and the same path in the commit's list of files.
    expect(report.redactions).toBe(3);
    for (const { text } of passages) expect(text).not.toContain("ghp_");
  });

  test("symbolic links are not followed: a file, a folder, one put in the place of a tracked folder", async () => {
    const outside = mkdtempSync(join(tmpdir(), "patina-outside-"));
    try {
      writeFileSync(join(outside, "a.ts"), "outside\n");
      repository.write("real/a.ts", TEXT);
      repository.write("deep/er/a.ts", TEXT);
      symlinkSync(join(outside, "a.ts"), join(repository.root, "link.ts"));
      symlinkSync(outside, join(repository.root, "folder"));
      repository.write("file.ts", TEXT);
      repository.commit("one");
      renameSync(join(repository.root, "deep"), join(repository.root, "moved"));
      mkdirSync(join(outside, "er"));
      writeFileSync(join(outside, "er", "a.ts"), "outside\n");
      symlinkSync(outside, join(repository.root, "deep"));
      unlinkSync(join(repository.root, "file.ts"));
      symlinkSync(join(outside, "a.ts"), join(repository.root, "file.ts"));
      const { paths, skipped } = await pathsOf();
      expect(paths).toEqual(["real/a.ts"]);
      expect(skipped).toEqual({ symlink: 4 });
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  test("submodules, files deleted since, files replaced by a folder or a pipe", async () => {
    repository.write("a.ts", TEXT);
    repository.write("gone.ts", TEXT);
    repository.write("folder.ts", TEXT);
    repository.write("pipe.ts", TEXT);
    const head = repository.commit("one");
    repository.git("update-index", "--add", "--cacheinfo", `160000,${head},module`);
    for (const path of ["gone.ts", "folder.ts", "pipe.ts"]) unlinkSync(join(repository.root, path));
    mkdirSync(join(repository.root, "folder.ts"));
    Bun.spawnSync(["mkfifo", join(repository.root, "pipe.ts")]);
    const { paths, skipped, report } = await pathsOf();
    expect(paths).toEqual(["a.ts"]);
    expect(skipped).toEqual({ submodule: 1, missing: 1 });
    expect(report.unreadable).toEqual([
      { path: "folder.ts", reason: "is not a plain file" },
      { path: "pipe.ts", reason: "is not a plain file" },
    ]);
  });

  // The superuser reads everything; there is nothing to see then.
  test.skipIf(process.getuid?.() === 0)("a file without permission is named", async () => {
    repository.write("a.ts", TEXT);
    repository.write("closed.ts", TEXT);
    repository.commit("one");
    chmodSync(join(repository.root, "closed.ts"), 0);
    const { paths, report } = await pathsOf();
    expect(paths).toEqual(["a.ts"]);
    expect(report.unreadable).toEqual([{ path: "closed.ts", reason: "permission denied" }]);
  });

  test("invalid UTF-8 is kept and counted, CRLF and a byte order mark make no difference, escapes are kept", async () => {
    repository.write(
      "latin.ts",
      Buffer.concat([Buffer.from("const cafe = 'caf"), Buffer.from([0xe9, 0x27, 0x0a])]),
    );
    repository.write("dos.ts", "\ufeffone\r\ntwo\r\n");
    repository.write("escape.ts", "a\u001b[31mred\n");
    repository.commit("one");
    const { passages, report } = await pathsOf();
    const texts = passages.map(({ text }) => text);
    expect(texts).toContain("latin.ts\ncafe\nconst cafe = 'caf\uFFFD'");
    expect(texts).toContain("dos.ts\none\ntwo");
    expect(texts).toContain("escape.ts\na\u001b[31mred");
    expect(report.invalidUtf8).toBe(1);
  });

  test("a line of 10 MB is passed over without being read", async () => {
    repository.write("huge.js", "x".repeat(10 * 1024 * 1024));
    repository.write("line.txt", `${"a few words ".repeat(80_000)}\n`);
    repository.commit("one");
    const { skipped } = await pathsOf();
    expect(skipped).toEqual({ oversized: 1, minified: 1 });
  });

  test("the same working tree gives the same passages", async () => {
    for (let index = 0; index < 30; index++)
      repository.write(`f${index}/a.ts`, `${TEXT.repeat(index * 5)}x\n`);
    repository.commit("one");
    const first = await pathsOf();
    const second = await pathsOf();
    expect(second.passages).toEqual(first.passages);
    expect(new Set(first.passages.map(({ id }) => id)).size).toBe(first.passages.length);
  });
});
