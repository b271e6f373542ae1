/** The README's programs run, under Bun and under Node, and print what the README says they print. */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = join(root, "target/readme");
const environment = { ...process.env, PATINA_HOME: join(root, "target/test-home") };

/** The text of each fenced block of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );
}

/** What the block says it prints: the comments behind an arrow. */
function promised(program: string): string[] {
  return [...program.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1] ?? "");
}

const programs = blocks("ts");

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const [index, program] of programs.entries()) {
    writeFileSync(join(folder, `${index}.ts`), program);
    // Node 20 knows neither types nor `using`; what Bun's own transpiler makes of them is what a bundler would ship.
    const build = Bun.spawnSync(
      [process.execPath, "build", join(folder, `${index}.ts`), "--target=node", "--external=@patina/*"],
      { cwd: folder },
    );
    if (build.exitCode !== 0) throw new Error(build.stderr.toString());
    writeFileSync(join(folder, `${index}.mjs`), build.stdout);
  }
});

test("the README has programs, and each says what it prints", () => {
  expect(programs.length).toBeGreaterThan(0);
  for (const program of programs) expect(promised(program).length).toBeGreaterThan(0);
});

const cases = programs.flatMap((_, index) => [
  ["Bun", index, [process.execPath, join(folder, `${index}.ts`)]] as const,
  ["Node", index, ["node", join(folder, `${index}.mjs`)]] as const,
]);
test.each(cases)("under %s, program %i", async (_, index, command) => {
  const child = Bun.spawn([...command], { cwd: folder, env: environment, stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out.trim().split("\n")).toEqual(promised(programs[index] ?? ""));
});

test("every file that the README links to is there", async () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(5);
  const there = await Promise.all(links.map((link) => Bun.file(join(root, link)).exists()));
  expect(links.filter((_, index) => !there[index])).toEqual([]);
});
