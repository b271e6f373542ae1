import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LAUNCHER = join(import.meta.dir, "../bin/patina");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "patina launcher ")));
afterAll(() => rmSync(folder, { recursive: true }));

const shell = Bun.which("sh") ?? "/bin/sh";
const installed = join(folder, "app", "packages", "cli");
const link = join(folder, "app", "node_modules", ".bin", "patina");
mkdirSync(join(installed, "bin"), { recursive: true });
mkdirSync(join(folder, "app", "node_modules", ".bin"), { recursive: true });
cpSync(LAUNCHER, join(installed, "bin", "patina"));
symlinkSync("../../packages/cli/bin/patina", link);

// A PATH of the tools that the launcher needs and no Bun, wherever this machine has them.
const tools = join(folder, "tools");
mkdirSync(tools);
for (const tool of ["dirname", "readlink"]) symlinkSync(Bun.which(tool) ?? tool, join(tools, tool));

/** Runs the linked launcher. */
function launch(
  args: string[],
  options: { cwd?: string } = {},
): { code: number; out: string; error: string } {
  const result = Bun.spawnSync([shell, link, ...args], {
    cwd: options.cwd ?? folder,
    env: { PATH: tools },
    stdin: "ignore",
  });
  return { code: result.exitCode, out: result.stdout.toString(), error: result.stderr.toString() };
}

describe("launcher", () => {
  test("without Bun: says where it looked and what to do", () => {
    const { code, error } = launch(["--version"]);
    expect(code).toBe(70);
    expect(error).toContain("error: patina runs on Bun, which is neither in a node_modules folder above");
    expect(error).toContain("npm install");
  });

  test("without a build: says which file is missing and how to make it", () => {
    symlinkSync(process.execPath, join(folder, "app", "node_modules", ".bin", "bun"));
    const { code, error } = launch(["--version"]);
    expect(code).toBe(70);
    expect(error).toContain(`error: patina is not built: ${join(installed, "dist", "main.js")} is missing`);
    expect(error).toContain("npm run setup");
  });

  test("hands on arguments and exit code as they are", () => {
    mkdirSync(join(installed, "dist"));
    writeFileSync(
      join(installed, "dist", "main.js"),
      "console.log(JSON.stringify({ args: process.argv.slice(2), evil: process.env.EVIL ?? null })); process.exitCode = 3;",
    );
    const args = ["a b", "", "--x=*", "$HOME", "é"];
    const { code, out } = launch(args);
    expect(JSON.parse(out)).toEqual({ args, evil: null });
    expect(code).toBe(3);
  });

  test("nothing in the folder it is started in acts: no preload, no environment file", () => {
    const hostile = join(folder, "hostile");
    mkdirSync(hostile);
    writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
    writeFileSync(join(hostile, "evil.ts"), 'console.log("evil");\n');
    writeFileSync(join(hostile, ".env"), "EVIL=1\n");
    const { out } = launch([], { cwd: hostile });
    expect(JSON.parse(out)).toEqual({ args: [], evil: null });
  });
});
