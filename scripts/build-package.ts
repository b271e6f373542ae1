/**
 * Builds the package it is run in: `src/index.ts` (and the command's `src/main.ts`) to `dist/*.js` for Bun and
 * Node, declarations beside them. Dependencies stay imports.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

const packageDir = process.cwd();
const root = join(import.meta.dir, "..");
rmSync(join(packageDir, "dist"), { recursive: true, force: true });

const entrypoints = ["index.ts", "main.ts"]
  .map((name) => join(packageDir, "src", name))
  .filter((path) => existsSync(path));
const build = await Bun.build({
  entrypoints,
  outdir: join(packageDir, "dist"),
  root: join(packageDir, "src"),
  target: "node",
  format: "esm",
  packages: "external",
  splitting: true,
  sourcemap: "linked",
});
if (!build.success) {
  for (const log of build.logs) console.error(log);
  process.exit(1);
}

const declarations = Bun.spawnSync(
  [
    join(root, "node_modules/.bin/tsc"),
    "--project",
    join(root, "tsconfig.json"),
    "--noEmit",
    "false",
    "--emitDeclarationOnly",
    "--rootDir",
    join(packageDir, "src"),
  ],
  { stdout: "inherit", stderr: "inherit" },
);
process.exit(declarations.exitCode ?? 1);
