import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeFacts } from "@patina/engine";
import { commandLine, environment, type Outcome, patina } from "./support/patina.ts";

let folder: string;
let home: string;
let project: string;

/** A model of two runtimes in the user's overlay; what its files hold does not matter here. */
const overlay = (files: string): string => `version = 1
[models."tiny"]
name = "Tiny"
description = "A model of a test."
license = "MIT"
architecture = "bert"
dimension = 8
max_tokens = 16
pooling = "mean"
normalize = true
[[models."tiny".files]]
role = "tokenizer"
path = "tokenizer.json"
sources = [{ kind = "dir", path = ${JSON.stringify(join(files, "tokenizer.json"))} }]
${["onnx", "mlx"]
  .map(
    (runtime) => `[[models."tiny".variants]]
name = "fp32"
runtime = "${runtime}"
[[models."tiny".variants.files]]
role = "weights"
path = "model.${runtime}"
sources = [{ kind = "dir", path = ${JSON.stringify(join(files, "weights"))} }]
`,
  )
  .join("")}`;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "patina-prune-")));
  [home, project] = [join(folder, "home"), join(folder, "the project")];
  for (const each of [join(home, "files"), join(project, ".patina")]) mkdirSync(each, { recursive: true });
  writeFileSync(join(home, "models.toml"), overlay(join(home, "files")));
  for (const name of ["tokenizer.json", "weights"]) writeFileSync(join(home, "files", name), name);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], cwd: string = folder): Promise<Outcome> {
  return patina(["model", ...args], { cwd, home });
}

test("remove: a name of two runtimes is an error with both commands, which work", async () => {
  for (const runtime of ["onnx", "mlx"]) {
    const { code, error } = await run(["add", "tiny", "--variant", "fp32", "--runtime", runtime]);
    expect(code).toBe(0);
    const warned = runtime === "onnx" || nativeFacts().mlxBuilt ? "" : "the files are fetched all the same\n";
    expect(error).toEndWith(warned);
  }
  const refused = await run(["remove", "tiny", "--variant", "fp32"]);
  expect(refused.code).toBe(3);
  const [, command = ""] = /or `patina (model remove [^`]+ mlx)`/.exec(refused.error) ?? [];
  const removed = await patina(command.split(" "), { cwd: folder, home });
  expect(removed.out).toMatch(/^removed fp32 \(mlx\): /);
  expect((await run(["remove", "tiny"])).out).toMatch(/^removed fp32 \(onnx\): /);
});

test("remove: says on the standard error that another process is at work", async () => {
  const lock = join(home, "models/tiny.busy");
  mkdirSync(join(home, "models"), { recursive: true });
  writeFileSync(lock, "another process");
  const child = Bun.spawn(commandLine(["model", "remove", "tiny"]), {
    ...{ cwd: folder, env: environment({ home }), stdout: "ignore", stderr: "pipe" },
  });
  const { value } = await child.stderr.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("waiting: another process is at work on tiny\n");
  rmSync(lock);
  expect(await child.exited).toBe(0);
});

test("prune: names a project that cannot be seen, and forgets it where it is told to", async () => {
  const added = await run(["add", "tiny", "--runtime", "onnx", "--json"], project);
  const { folder: variant, lock } = JSON.parse(added.out);
  renameSync(project, `${project}.away`);
  const { out, error, code } = await run(["prune"]);
  expect([out, code]).toEqual(["there is nothing that nothing uses\n", 0]);
  expect(error).toBe(
    `warning: ${lock} cannot be seen now, so 1 variant that it may name was left; ` +
      `if it is gone for good, \`patina model prune --forget '${lock}'\` forgets it\n`,
  );
  expect(existsSync(variant)).toBe(true);
  expect((await run(["prune", "--forget", lock])).out).toContain(`removed files that nothing uses: `);
  expect(existsSync(variant)).toBe(false);
});
