/**
 * Builds the native addon into `packages/native/addon/` and generates its TypeScript declarations from the Rust
 * source. Cargo decides what has to be compiled again. With `--mlx` it is the addon with the MLX engine, which lies beside
 * the other; on Linux the toolchain for it is made first (scripts/mlx). Once that one is there, both are built.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { addonPath } from "../packages/native/src/load.ts";
import { mlxToolchain } from "./mlx/toolchain.ts";

const { mlx } = parseArgs({ options: { mlx: { type: "boolean", default: false } } }).values;
const root = join(import.meta.dir, "..");
const packageDir = join(root, "packages/native");
// Built beside, then renamed: a process that has the old addon mapped keeps its own file.
const staging = join(root, "target/addon");
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });

// Panics name the file they come from: by its place in the project, not on the machine that built the addon.
const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
const remap = [`--remap-path-prefix=${cargoHome}=cargo`, `--remap-path-prefix=${root}=patina`];

const build = Bun.spawnSync(
  [
    join(root, "node_modules/.bin/napi"),
    "build",
    "--release",
    "--manifest-path",
    join(root, "crates/patina-node/Cargo.toml"),
    "--package-json-path",
    join(packageDir, "package.json"),
    "--output-dir",
    staging,
    "--dts",
    "addon.d.ts",
    "--no-js",
    ...(mlx ? ["--features", "mlx"] : []),
    "--",
    "--locked",
    ...(mlx ? mlxToolchain().arguments : []),
  ],
  {
    cwd: packageDir,
    env: { ...process.env, RUSTFLAGS: [process.env.RUSTFLAGS ?? "", ...remap].join(" ").trim() },
    stdout: "inherit",
    stderr: "inherit",
  },
);
if (build.exitCode !== 0) process.exit(build.exitCode ?? 1);

const addon = addonPath(mlx ? "mlx" : "plain");
mkdirSync(dirname(addon), { recursive: true });
renameSync(join(staging, "patina.node"), addon);

const generatedDir = join(packageDir, "src/generated");
mkdirSync(generatedDir, { recursive: true });
const declarations = readFileSync(join(staging, "addon.d.ts"), "utf8")
  .replace(/^\/\* auto-generated.*\n/, "")
  .replace(/^\/\* eslint-disable \*\/\n/m, "");
writeFileSync(
  join(generatedDir, "addon.ts"),
  `/** Declarations of the native addon, generated from crates/patina-node by scripts/build-addon.ts. */\n${declarations}`,
);

// Where it is there it is the one that is loaded: left as it was, it would be older than what calls it.
const withMlx = addonPath("mlx");
if (!mlx && existsSync(withMlx)) {
  const { exitCode } = Bun.spawnSync([process.execPath, import.meta.path, "--mlx"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) {
    rmSync(withMlx);
    console.error(
      `the addon with MLX could not be built again and was removed (${withMlx}); see above for the reason`,
    );
  }
}
