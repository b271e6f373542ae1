/** Everything that is checked without running it, both languages: format, lints, types, generated files, licences. */
import { join } from "node:path";
import { mlxWhereverPossible } from "./mlx/wherever.ts";

const root = join(import.meta.dir, "..");
const mlx = mlxWhereverPossible();
const features = mlx ? ["--features", "patina-node/mlx", ...mlx.arguments] : [];
const CHECKS: [string, string[]][] = [
  ["TypeScript: format and lints", ["biome", "check", "--error-on-warnings", "."]],
  ["TypeScript: types", ["tsc", "--project", "tsconfig.json"]],
  ["Rust: format", ["cargo", "fmt", "--all", "--check"]],
  [
    "Rust: lints",
    ["cargo", "clippy", "--workspace", "--all-targets", "--locked", ...features, "--", "--deny", "warnings"],
  ],
  ["generated files are current", ["bun", "scripts/check-generated.ts"]],
  ["licences of dependencies", ["bun", "scripts/check-licenses.ts"]],
];

const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
let failed = 0;
for (const [title, command] of CHECKS) {
  console.log(`\u25b8 ${title}`);
  const { exitCode } = Bun.spawnSync(command, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdout: "inherit",
    stderr: "inherit",
  });
  if (exitCode !== 0) {
    console.error(`failed: ${title} (${command.join(" ")})`);
    failed++;
  }
}
process.exit(failed === 0 ? 0 : 1);
