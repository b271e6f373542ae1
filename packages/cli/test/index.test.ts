import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { commandLine, environment, type Outcome, patina, TEST_HOME } from "./support/patina.ts";
import { haveQuickStartModel, MODEL } from "./support/quick-start.ts";
import { Repository } from "./support/repository.ts";

beforeAll(haveQuickStartModel, 120_000);

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const HOSTILE = "export const banner = '\u001b[2J\u001b]0;owned\u0007 harmless \u009b31m \u202egnp.exe';\n";

describe("oxidize and scry", () => {
  const repository = new Repository();
  const run = (...args: string[]): Promise<Outcome> => patina(args, { cwd: repository.root });
  let first: Outcome;

  beforeAll(async () => {
    repository
      .write(
        "src/retry.ts",
        "/** Waits longer after each failed attempt. */\nexport function backoff(attempt: number) {\n  return 100 * 2 ** attempt;\n}\n",
      )
      .write(
        "src/colour.ts",
        "/** Mixes two paints. */\nexport function mix(a: string, b: string) {\n  return [a, b];\n}\n",
      )
      .write("src/banner.ts", HOSTILE)
      .write("src/\u001b[31mred.ts", "export const tomato = 'a red fruit for the salad';\n")
      .write("docs/kitchen.md", "# Kitchen\n\n## Soup\n\nBoil the carrots and the onions for an hour.\n")
      .write("yarn.lock", "left out\n")
      .commit("Add exponential backoff for failed requests");
    first = await run("oxidize");
  }, 60_000);
  afterAll(() => repository[Symbol.dispose]());

  test("the first run writes a recipe, says so, and indexes", () => {
    expect(first.code).toBe(0);
    expect(first.error).toContain(`wrote ${join(repository.root, ".patina/oxidize.yaml")}`);
    expect(first.error).toContain(`embedding with ${MODEL} int8 on onnx`);
    expect(first.error).not.toMatch(CONTROL);
    expect(first.out).toContain("passages of 4 files, 1 commit, 1 note");
    expect(first.out).toContain("skipped 1 file: lockfile 1");
  });

  test("the second run embeds nothing and says so", async () => {
    const second = await run("oxidize");
    expect(second.code).toBe(0);
    expect(second.out).toStartWith("nothing to embed: the index is current\n");
    expect(second.error).not.toContain("wrote");
    const json = JSON.parse((await run("oxidize", "--json")).out);
    expect(json).toMatchObject({
      model: MODEL,
      variant: "int8",
      runtime: "onnx",
      embedded: 0,
      unchanged: true,
    });
  });

  test("scry finds by meaning and names the place", async () => {
    const { code, out, error } = await run(
      "scry",
      "exponentially growing pause between tries",
      "--kind",
      "code",
      "-n",
      "1",
    );
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^ 1 {2}src\/retry\.ts:1-4 {2}0\.\d{4} {2}[0-9a-f]{8}\n/);
    expect(out).toContain("Waits longer after each failed attempt.");
  });

  test("works from any folder of the repository, and with -C", async () => {
    const inner = await patina(["scry", "vegetables", "-n", "1"], { cwd: join(repository.root, "src") });
    expect(inner.out).toContain("docs/kitchen.md:");
    const outer = await patina(["-C", repository.root, "scry", "vegetables", "-n", "1"], { cwd: "/" });
    expect(outer.out).toBe(inner.out);
  });

  test("a commit is named by its hash and date", async () => {
    const { out } = await run("scry", "backoff", "--kind", "commit");
    expect(out).toMatch(/^ 1 {2}[0-9a-f]{10} \d{4}-\d\d-\d\d.* {2}0\.\d{4} {2}[0-9a-f]{8}\n/);
    expect(out).toContain("Add exponential backoff for failed requests");
  });

  test("--explain shows each list's rank and score", async () => {
    const { out } = await run("scry", "backoff", "--explain", "-n", "1");
    expect(out).toMatch(
      /full-text: rank \d+, score \d+\.\d{4}; vectors: rank \d+, score \d\.\d{4}; history: rank \d+, score 0\.\d{4}/,
    );
    expect(out).toContain("weights     full-text 1, vectors 1, history 0.5 (the default); no list leads\n");
    expect(out).toContain("looked for  backoff\n");
    expect(out).toMatch(/time {8}start \d+\.\d, index .*embedding \d+\.\d, full-text/);
    const { explain } = JSON.parse((await run("scry", "backoff", "--explain", "--json")).out);
    expect(Object.keys(explain)).toEqual(["lists", "words", "timings"]);
  });

  test("--json has a stable shape and the full text", async () => {
    const { code, out } = await run("scry", "harmless banner", "--json", "--kind", "code");
    expect(code).toBe(0);
    expect(out).not.toMatch(CONTROL);
    const answer = JSON.parse(out);
    expect(Object.keys(answer)).toEqual([
      ...[
        "query",
        "model",
        "generation",
        "weights",
        "weightsFrom",
        "lead",
        "filtered",
        "truncated",
        "results",
      ],
    ]);
    expect(Object.keys(answer.results[0])).toEqual([
      ...[
        "rank",
        "result",
        "id",
        "kind",
        "path",
        "startLine",
        "endLine",
        "commit",
        "author",
        "time",
        "symbol",
      ],
      ...["marks", "title", "bodyStart", "text", "score", "why", "further", "alsoIn"],
    ]);
    expect(answer.results[0].path).toBe("src/banner.ts");
    expect(answer.results[0].text).toContain(HOSTILE.trim());
  });

  test("control characters of a file do not reach the terminal", async () => {
    const { out } = await run("scry", "harmless banner", "-n", "1", "--kind", "code");
    expect(out).toContain("src/banner.ts");
    expect(out).toContain("␛[2J␛]0;owned␇ harmless <U+009B>31m <U+202E>gnp.exe");
    expect(out).not.toMatch(CONTROL);
    const named = await run("scry", "tomato", "-n", "1", "--kind", "code");
    expect(named.out).toContain("src/␛[31mred.ts:1 ");
    expect(named.out).not.toMatch(CONTROL);
  });

  test.each([
    '"',
    "a AND OR NOT",
    "NEAR(a b, 5)",
    "title: x",
    "col : ^a*",
    "(((",
    "'; DROP TABLE passages; --",
    "-",
    "*",
    "{a b}:c",
  ])("a query is text, whatever it looks like: %j", async (query) => {
    const { code, error } = await run("scry", "--", query);
    expect(error).toBe("");
    expect(code).toBe(0);
  });

  test("what is private stays out of git", () => {
    expect(readFileSync(join(repository.root, ".patina/local/.gitignore"), "utf8")).toBe("*\n");
  });
});

describe("what cannot be indexed or searched", () => {
  test("a folder outside of any repository", async () => {
    for (const command of [["oxidize"], ["scry", "x"], ["trust"]]) {
      const { code, error } = await patina(command, { cwd: "/" });
      expect(code).toBe(3);
      expect(error).toStartWith("error: / is in no git repository");
    }
  });

  test("an empty repository", async () => {
    using repository = new Repository();
    const { code, error } = await patina(["oxidize"], { cwd: repository.root });
    expect(code).toBe(3);
    expect(error).toContain("error: there is nothing to index");
  });

  test("a repository without an index", async () => {
    using repository = new Repository();
    const { code, out, error } = await patina(["scry", "x", "--json"], { cwd: repository.root });
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(JSON.parse(error).error.code).toBe("INDEX_MISSING");
    expect(JSON.parse(error).error.message).toContain("patina oxidize");
  });

  test("an unknown key in the recipe: line, column, the nearest key", async () => {
    using repository = new Repository();
    repository
      .write("a.txt", "a\n")
      .write(".patina/oxidize.yaml", `embedding_model: ${MODEL}\nsources:\n  comits: {}\n`);
    const { code, error } = await patina(["oxidize"], { cwd: repository.root });
    expect(code).toBe(3);
    expect(error).toContain(`${join(repository.root, ".patina/oxidize.yaml")}:3:3: `);
    expect(error).toContain('did you mean "commits"?');
    const json = await patina(["oxidize", "--json"], { cwd: repository.root });
    expect(JSON.parse(json.error).error.details).toMatchObject({ line: 3, column: 3, suggestion: "commits" });
    // `embed` takes its model from there and must not go on with another.
    expect((await patina(["embed", "x"], { cwd: repository.root })).code).toBe(3);
  });

  test("parts of the recipe that do nothing yet are said aloud", async () => {
    using repository = new Repository();
    repository
      .write("a.txt", "some text\n")
      .write(
        ".patina/oxidize.yaml",
        `embedding_model: ${MODEL}\nprojections:\n  semantic: { layers: [64, 32], epochs: 1, batch_size: 8 }\n`,
      )
      .commit("Begin");
    const { code, error } = await patina(["oxidize"], { cwd: repository.root });
    expect(code).toBe(0);
    expect(error).toContain("note: the recipe's projections.semantic does nothing yet in this version\n");
  });

  test("a model that is not on this machine", async () => {
    using repository = new Repository();
    repository.write("a.txt", "a\n").commit("Begin");
    const { code, error } = await patina(["oxidize"], {
      cwd: repository.root,
      home: join(repository.root, "home"),
    });
    expect(code).toBe(4);
    expect(error).toContain(`patina model add ${MODEL}`);
  });

  test("a model that nobody knows does not become the recipe's", async () => {
    using repository = new Repository();
    repository.write("a.txt", "a\n").commit("Begin");
    const { code, error } = await patina(["oxidize", "--model", "nonsense"], { cwd: repository.root });
    expect(code).toBe(4);
    expect(error).toStartWith('error: no model is called "nonsense"; ');
    expect(existsSync(join(repository.root, ".patina"))).toBe(false);
  });

  test("an index whose passages were embedded under another template", async () => {
    using repository = new Repository();
    const home = join(repository.root, "home");
    repository.write(".gitignore", "home\n").write("a.txt", "a text\n").commit("Begin");
    expect((await patina(["oxidize"], { cwd: repository.root })).code).toBe(0);
    // The same files under the same name, with a template of the user's own.
    const status = JSON.parse((await patina(["model", "status", MODEL, "--json"])).out);
    const { files } = status.variants.find(({ state }: { state: string }) => state === "installed");
    const file = ({ role, path, sha256 }: Record<string, string>): string =>
      `{ role = "${role}", path = "${path}", sha256 = "${sha256}", sources = [{ kind = "dir", path = "/none" }] }`;
    repository.write(
      "home/models.toml",
      `version = 1
[models.${MODEL}]
name = "x"
description = "x"
license = "x"
architecture = "bert"
dimension = 384
max_tokens = 256
pooling = "mean"
normalize = true
passage_template = "passage: {text}"
variants = [{ name = "int8", runtime = "onnx", files = [${files.map(file)}] }]
`,
    );
    symlinkSync(join(TEST_HOME, "models"), join(home, "models"));
    const { code, error } = await patina(["scry", "x"], { cwd: repository.root, home });
    expect(error).toContain("the passage template is");
    expect(code).toBe(3);
  });
});

test("Ctrl-C during oxidize leaves nothing half-written", async () => {
  using repository = new Repository();
  const line = (index: number): string =>
    `value ${index} of a table that is long enough to take a while to embed\n`;
  repository
    .write("table.txt", Array.from({ length: 20_000 }, (_, index) => line(index)).join(""))
    .commit("Begin");
  const child = Bun.spawn(commandLine(["oxidize"]), {
    cwd: repository.root,
    env: environment(),
    stdout: "pipe",
    stderr: "pipe",
  });
  let told = "";
  for await (const chunk of child.stderr) {
    const begins = !told.includes("embedding: ");
    told += new TextDecoder().decode(chunk);
    if (begins && told.includes("embedding: ")) child.kill("SIGINT");
  }
  expect(await child.exited).toBe(130);
  expect(told).toContain("interrupted: finishing what is being written");
  expect(told).toEndWith("error: interrupted\n");
  expect(readdirSync(join(repository.root, ".patina/local/generations"))).toEqual([]);
  expect(existsSync(join(repository.root, ".patina/local/current"))).toBe(false);
}, 60_000);
