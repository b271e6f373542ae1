/**
 * Builds the package it is run in: `src/index.ts` (and the command's `src/main.ts`, and the program of each thread,
 * `src/*-worker.ts`) to `dist/*.js` for Bun and Node, declarations beside them. Dependencies stay imports.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const packageDir = process.cwd();
const source = join(packageDir, "src");
const dist = join(packageDir, "dist");
rmSync(dist, { recursive: true, force: true });

const build = await Bun.build({
  entrypoints: ["index.ts", "main.ts", ...new Bun.Glob("*-worker.ts").scanSync({ cwd: source })]
    .map((name) => join(source, name))
    .filter((path) => existsSync(path)),
  outdir: dist,
  root: source,
  target: "node",
  format: "esm",
  packages: "external",
  // The workspace's `paths` would turn these into sources and bundle them.
  external: ["@patina/*"],
  splitting: true,
  sourcemap: "linked",
});
if (!build.success) {
  for (const log of build.logs) console.error(log);
  process.exit(1);
}

// Isolated declarations: each file's declarations follow from the file alone, so nothing is type-checked here
// (`bun run lint` does that once for the whole workspace).
for (const name of new Bun.Glob("**/*.ts").scanSync({ cwd: source })) {
  const { outputText, diagnostics } = ts.transpileDeclaration(await Bun.file(join(source, name)).text(), {
    fileName: name,
    reportDiagnostics: true,
    compilerOptions: { isolatedDeclarations: true, declaration: true, target: ts.ScriptTarget.ESNext },
  });
  if (diagnostics && diagnostics.length > 0) {
    console.error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})));
    process.exit(1);
  }
  const path = join(dist, name.replace(/\.ts$/, ".d.ts"));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, outputText.replaceAll(/(from "\.[^"]*|import\("\.[^"]*)\.ts"/g, '$1.js"'));
}
