import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFeedback } from "@patina/projections";
import { editorCommand } from "../src/scry/editor.ts";
import { type Outcome, patina } from "./support/patina.ts";
import { Repository } from "./support/repository.ts";
import { TerminalRun } from "./support/terminal.ts";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const home = new TinyHome([{ name: "fp32" }]);
const repository = new Repository();
const run = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  patina(args, { cwd: repository.root, home: home.home, env });

/** An editor that writes down what it was called with. */
const editor = join(home.folder, "vim");
const calls = join(home.folder, "calls");

beforeAll(async () => {
  const socket = "/** Opens the socket. */\nexport function openSocket(port: number) {\n  return port;\n}\n";
  repository
    .write(".patina/oxidize.yaml", `embedding_model: ${TINY}\n`)
    .write("src/socket.ts", socket)
    .write("src/paint.ts", "export const violet = ['red', 'blue'];\n")
    .write("docs/socket.md", "# Sockets\n\n## Why it waits\n\nA socket waits for its handshake.\n")
    .commit("Open sockets")
    .write("src/socket.ts", `${socket}export const closed = true;\n`)
    .write(
      "docs/socket.md",
      "# Sockets\n\n## Why it waits\n\nA socket waits for the handshake, src/socket.ts says.\n",
    )
    .commit("Close sockets as well")
    .write("src/paint.ts", "export const violet = ['red', 'blue', 'white'];\n")
    .commit("Lighten violet");
  writeFileSync(editor, `#!/bin/sh\nprintf '%s\\n' "$@" > ${calls}\n`);
  chmodSync(editor, 0o755);
  const added = await run(["model", "add", TINY]);
  if (added.code !== 0) throw new Error(added.error);
  const { code, error } = await run(["oxidize"]);
  if (code !== 0) throw new Error(error);
}, 60_000);
afterAll(() => {
  repository[Symbol.dispose]();
  home[Symbol.dispose]();
});

const results = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  JSON.parse((await run(["scry", ...args, "--json"])).out).results;

describe("scry", () => {
  test("keeps to filters, and says which one kept everything out", async () => {
    const paths = (await results("socket", "--path", "src/", "--path", "!paint.ts")).map(({ path }) => path);
    expect(paths).toEqual(["src/socket.ts"]);
    const byAuthor = await results("socket", "--author", "test");
    expect(byAuthor.filter(({ kind }) => kind === "commit")).toHaveLength(3);
    // Files have no author: those are there that the author's commits vote for.
    const files = byAuthor.filter(({ kind }) => kind !== "commit") as { why: { list: string }[] }[];
    expect(new Set(files.flatMap(({ why }) => why.map(({ list }) => list)))).toEqual(new Set(["history"]));
    const commits = await results("socket", "--author", "test", "--kind", "commit");
    expect(commits.map(({ kind }) => kind)).toEqual(["commit", "commit", "commit"]);
    expect(await results("socket", "--until", "1999-12-31")).toEqual([]);
    const { code, out } = await run(["scry", "socket", "--kind", "pair", "--author", "test"]);
    expect(code).toBe(0);
    expect(out).toBe("nothing found: no passage passes the filters; without --kind 3 would\n");
  });

  test("refuses a filter that it cannot act on", async () => {
    const { code, error } = await run(["scry", "socket", "--since", "yesterday"]);
    expect(code).toBe(3);
    expect(error).toContain("`since` is a date such as 2024-05-01 or a span such as 2w");
  });

  test("finds what belongs with a file, named from the folder one is in", async () => {
    const { out } = await patina(["scry", "--file", "socket.ts", "--explain"], {
      cwd: join(repository.root, "src"),
      home: home.home,
    });
    expect(out).toContain("docs/socket.md:1-5");
    expect(out).toContain("co-change: rank 1");
    expect(out).toContain("mentions: rank");
    expect(out).not.toMatch(/^ ?\d+ {2}src\/socket\.ts/m);
    const { code, error } = await run(["scry", "--file", "../elsewhere.ts"]);
    expect(code).toBe(2);
    expect(error).toContain("../elsewhere.ts is no file of the repository");
  });

  test("finds what is like some lines, without them", async () => {
    const found = await results("--like", "src/socket.ts:1-3");
    expect(found.map(({ path }) => path)).not.toContain("src/socket.ts");
    const { code, error } = await run(["scry", "--like", "src/socket.ts:90"]);
    expect(code).toBe(3);
    expect(error).toContain("src/socket.ts has 5 lines now");
  });

  test("asks one thing at a time", async () => {
    for (const args of [
      ["x", "--file", "src/socket.ts"],
      ["--file", "a", "--like", "b"],
      ["x", "--open", "--json"],
      ["--file", "src/socket.ts", "--only", "vectors"],
    ])
      expect((await run(["scry", ...args])).code).toBe(2);
  });

  test("--only full-text needs no model", async () => {
    const bare = join(home.folder, "bare");
    mkdirSync(bare, { recursive: true });
    const { code, out } = await patina(["scry", "handshake", "--only", "full-text"], {
      cwd: repository.root,
      home: bare,
    });
    expect(code).toBe(0);
    expect(out).toContain("docs/socket.md:1-5");
    expect((await patina(["scry", "x"], { cwd: repository.root, home: bare })).code).not.toBe(0);
  });

  test("a recipe that weighs vectors 0 needs none either, and --explain says who leads", async () => {
    const file = join(repository.root, ".patina/oxidize.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, `${before}search: { weights: { full-text: 1, vectors: 0, history: 0.2 } }\n`);
    expect((await run(["oxidize"])).code).toBe(0);
    const { out } = await run(["scry", "handshake", "--explain"]);
    expect(out).toContain("full-text 1, vectors 0, history 0.2 (from the recipe); full-text leads");
    writeFileSync(file, before);
    expect((await run(["oxidize"])).code).toBe(0);
  });
});

describe("--open", () => {
  test("opens a result at its line", async () => {
    const { code, error } = await run(["scry", "handshake", "--only", "full-text", "--open"], {
      EDITOR: editor,
    });
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(readFileSync(calls, "utf8")).toBe(`+1\n${join(repository.root, "docs/socket.md")}\n`);
  });

  test("shows a commit", async () => {
    const { code, out } = await run([
      "scry",
      "close sockets",
      "--kind",
      "commit",
      "--only",
      "full-text",
      "--open",
      "1",
    ]);
    expect(code).toBe(0);
    expect(out).toContain("    Close sockets as well\n");
    expect(out).toContain("+export const closed = true;");
  });

  test("says what is missing: an editor, a result, the file, the program", async () => {
    const open = async (n: string, env: Record<string, string>): Promise<Outcome> =>
      run(["scry", "handshake", "--only", "full-text", "--kind", "note", "--open", n], {
        VISUAL: "",
        EDITOR: "",
        ...env,
      });
    expect((await open("1", {})).error).toContain("--open needs an editor: set VISUAL or EDITOR");
    expect((await open("7", { EDITOR: editor })).error).toContain(
      "there is no result 7 to open: 1 result was found",
    );
    expect((await open("1", { EDITOR: "/no/such/vim" })).error).toContain("it was not found");
    const failed = await open("1", { EDITOR: "false" });
    expect(failed.error).toContain("how false is told a line is not known");
    expect(failed.code).toBe(3);
    const behind = await run(["scry", "--open", "handshake"]);
    expect(behind.code).toBe(2);
    expect(behind.error).toContain("a query stands before the option");
    const path = join(repository.root, "docs/socket.md");
    const text = readFileSync(path);
    rmSync(path);
    expect((await open("1", { EDITOR: editor })).error).toContain("is not in the working tree now");
    writeFileSync(path, text);
  });

  test.each([
    ["nvim", ["+7", "/a b/c.ts"]],
    ["nano", ["+7", "/a b/c.ts"]],
    ["emacsclient -n", ["+7", "/a b/c.ts"]],
    ["/usr/bin/code --wait", ["--goto", "/a b/c.ts:7"]],
    ["cursor", ["--goto", "/a b/c.ts:7"]],
    ["zed", ["/a b/c.ts:7"]],
    ["subl -w", ["/a b/c.ts:7"]],
    ["hx", ["/a b/c.ts:7"]],
    ["webstorm", ["--line", "7", "/a b/c.ts"]],
  ])("knows how %s is told a line", (name, args) => {
    const { command, knowsLine } = editorCommand("/a b/c.ts", 7, { EDITOR: name });
    expect(command).toEqual(["sh", "-c", `${name} "$@"`, name, ...args]);
    expect(knowsLine).toBe(true);
  });

  test("takes VISUAL before EDITOR", () => {
    expect(editorCommand("/a", 1, { VISUAL: "nvim", EDITOR: "nano" }).editor).toBe("nvim");
    expect(editorCommand("/a", 1, { VISUAL: " ", EDITOR: "nano" }).editor).toBe("nano");
  });
});

describe("feedback", () => {
  test("names a result by what scry showed", async () => {
    const { out } = await run(["scry", "handshake", "--only", "full-text", "--kind", "note"]);
    const name = /^ 1 {2}.* {2}([0-9a-f]{8})$/m.exec(out)?.[1] ?? "";
    const said = await run(["feedback", name, "no", "--note", "too old"]);
    expect(said.out).toBe('no: docs/socket.md:1 for "handshake"\n');
    expect(readFeedback(repository.root).at(-1)).toMatchObject({
      ...{ query: "handshake", verdict: "no", note: "too old", source: "docs/socket.md", rank: 1 },
    });
    const json = JSON.parse((await run(["feedback", name, "yes", "--json"])).out);
    expect(json).toMatchObject({ result: name, verdict: "yes", note: null });
    const capitals = JSON.parse((await run(["feedback", name.toUpperCase(), "yes", "--json"])).out);
    expect(capitals).toMatchObject({ result: name });
  });

  test("of a result that nobody saw, or without a verdict, is refused", async () => {
    const unknown = await run(["feedback", "00000000", "yes"]);
    expect(unknown.code).toBe(3);
    expect(unknown.error).toContain('no search that is remembered has a result "00000000"');
    expect((await run(["feedback", "00000000", "maybe"])).code).toBe(2);
  });

  test("is not to be had where a search cannot be remembered, which is answered and said", async () => {
    const file = join(repository.root, ".patina/local/searches.jsonl");
    rmSync(file, { force: true });
    symlinkSync("/dev/null", file);
    const { code, out, error } = await run(["scry", "handshake", "--only", "full-text"]);
    rmSync(file);
    expect(code).toBe(0);
    expect(out).toContain("docs/socket.md");
    expect(error).toStartWith("warning: `patina feedback` cannot name these results: ");
  });
});

describe("a terminal", () => {
  const pager = join(home.folder, "pager");
  const scryAt = (args: string[], rows = 50, program = pager): TerminalRun => {
    writeFileSync(pager, "#!/bin/sh\necho PAGED $LESS\ncat\n");
    chmodSync(pager, 0o755);
    const env = { PAGER: program, NO_COLOR: "" };
    return new TerminalRun(["scry", "socket", ...args], { cwd: repository.root, home: home.home, env, rows });
  };

  test("shows what matches, in colours, and what fits without a pager", async () => {
    const shown = scryAt(["--kind", "code"]);
    expect(await shown.end()).toBe(0);
    expect(shown.shown).toContain("open\u001b[1m\u001b[33mSocket\u001b[39m\u001b[22m(port: number)");
    expect(shown.shown).not.toContain("PAGED");
  });

  test("pages what is longer than the screen, unless told not to", async () => {
    const paged = scryAt(["--explain"], 10);
    expect(await paged.end()).toBe(0);
    expect(paged.shown).toStartWith("PAGED FRX\n");
    expect(paged.shown).toContain("src/socket.ts:1-5");
    const plain = scryAt(["--explain", "--no-pager"], 10);
    expect(await plain.end()).toBe(0);
    expect(plain.shown).not.toContain("PAGED");
    expect(plain.shown).toContain("src/socket.ts:1-5");
  });

  test("has the answer also where there is no such pager, and is told", async () => {
    const run = scryAt(["--explain"], 10, "/no/such/pager");
    expect(await run.end()).toBe(0);
    expect(run.shown).toContain("the pager /no/such/pager was not found");
    expect(run.shown).toContain("src/socket.ts:1-5");
  });
});
