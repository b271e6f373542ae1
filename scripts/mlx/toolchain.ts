/**
 * Brings MLX to Linux, on the CPU, so that its engine is built and tested there: wheels with MLX and the tools, the C
 * interface compiled from the sources in the mlx-sys crate, its bindings, and the file that tells Cargo where all of it
 * is. Everything lies below `target/mlx`; nothing of the system is needed but a C++ compiler and Python. On macOS mlx-sys
 * does all this itself.
 *
 * `bun scripts/mlx/toolchain.ts` does it by hand and prints the arguments for Cargo.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dir;
const root = join(here, "../..");
const folder = join(root, "target/mlx");
const wheels = join(folder, "wheels");
const libraries = join(folder, "lib");
const configuration = join(folder, "cargo.toml");

/** What Cargo needs beside `--features mlx`. */
export interface MlxToolchain {
  /** Arguments for it. */
  readonly arguments: readonly string[];
  /** What programs need that are run where they were built. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Makes the toolchain, unless it is there from an earlier run.
 *
 * @throws where a step fails, with what it printed.
 */
export function mlxToolchain(): MlxToolchain {
  if (process.platform === "darwin" && process.arch === "arm64") return { arguments: [], environment: {} };
  if (process.platform !== "linux") {
    throw new Error(`MLX runs on Apple Silicon and on Linux, not on ${process.platform}-${process.arch}`);
  }
  const stamp = join(folder, "stamp");
  const wanted = inputs();
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(libraries, { recursive: true });
    make();
    writeFileSync(stamp, wanted);
  }
  const path = [...searched(), process.env.LD_LIBRARY_PATH ?? ""].filter((folder) => folder !== "").join(":");
  return { arguments: ["--config", configuration], environment: { LD_LIBRARY_PATH: path } };
}

/** Where the shared libraries are. */
function searched(): string[] {
  return [libraries, join(wheels, "mlx/lib")];
}

/** Everything that the result follows from. */
function inputs(): string {
  const files = ["toolchain.ts", "requirements.txt", "prelude.h", "blas.c", "bindings/src/main.rs"];
  return [root, mlxSys(), ...files.map((file) => readFileSync(join(here, file), "utf8"))].join("\n");
}

function make(): void {
  const pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  const only = ["--only-binary=:all:", "--root-user-action=ignore", "--target", wheels];
  run([...pip, ...only, "--requirement", join(here, "requirements.txt")]);

  // Cargo keeps sources of crates where they may not be written to; CMake wants a folder it can name.
  const sources = join(folder, "mlx-c");
  cpSync(join(mlxSys(), "src/mlx-c"), sources, { recursive: true });
  const prelude = join(here, "prelude.h");
  const cmake = join(wheels, "cmake/data/bin/cmake");
  const build = join(folder, "build");
  run([
    cmake,
    ...["-S", sources, "-B", build, "-G", "Ninja", `-DCMAKE_MAKE_PROGRAM=${join(wheels, "bin/ninja")}`],
    ...["-DCMAKE_BUILD_TYPE=Release", "-DMLX_C_USE_SYSTEM_MLX=ON", "-DMLX_C_BUILD_EXAMPLES=OFF"],
    // The compiler is tried without a program to link: what the prelude refers to comes later.
    "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
    ...[`-DCMAKE_PREFIX_PATH=${join(wheels, "mlx")}`, `-DCMAKE_CXX_FLAGS=-include ${prelude}`],
  ]);
  run([cmake, "--build", build]);
  cpSync(join(build, "libmlxc.a"), join(libraries, "libmlxc.a"));

  const openblas = join(wheels, "scipy_openblas32/lib");
  run([
    ...["cc", "-O2", "-shared", "-fPIC", join(here, "blas.c"), "-o", join(libraries, "libpatina_blas.so")],
    ...["-Wl,--no-as-needed", `-L${openblas}`, "-lscipy_openblas", `-Wl,-rpath,${openblas}`],
  ]);

  // The wheel of libclang lacks the compiler's own headers (stddef.h and its like).
  const headers = run(["cc", "-print-file-name=include"]).trim();
  run(
    [
      ...["cargo", "run", "--quiet", "--locked", "--package", "mlx-bindings", "--"],
      ...[sources, prelude, join(libraries, "bindings.rs"), `-isystem${headers}`],
    ],
    { LIBCLANG_PATH: join(wheels, "clang/native") },
  );

  const target = run(["rustc", "-vV"]).match(/^host: (.+)$/m)?.[1];
  const quoted = (values: string[]) => `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
  writeFileSync(
    configuration,
    `# Where MLX and its C interface are, in place of mlx-sys' build script. Written by scripts/mlx/toolchain.ts.
[target.${target}.mlx]
rustc-link-search = ${quoted(searched().map((path) => `native=${path}`))}
rustc-link-lib = ${quoted(["static=mlxc", "dylib=patina_blas", "dylib=mlx", "dylib=stdc++"])}
rustc-env = { OUT_DIR = ${JSON.stringify(libraries)} }

[env]
# An addon is loaded by whoever: it has to find them itself.
PATINA_MLX_LIBRARIES = ${JSON.stringify(searched().join(":"))}
`,
  );
}

/** Where Cargo keeps the sources of mlx-sys, whose mlx-c is the one that its Rust side was written against. */
function mlxSys(): string {
  const metadata = JSON.parse(
    run(["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]),
  ) as {
    packages: { name: string; manifest_path: string }[];
  };
  const found = metadata.packages.find(({ name }) => name === "mlx-sys");
  if (!found) throw new Error("the workspace depends on no mlx-sys: `cargo metadata` does not list it");
  return join(found.manifest_path, "..");
}

/** Runs a step for what it prints on standard output. */
function run(command: string[], environment: Record<string, string> = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  if (exitCode !== 0) throw new Error(`\`${command.join(" ")}\` failed (${exitCode})\n${stdout}${stderr}`);
  return stdout.toString();
}

if (import.meta.main) console.log(mlxToolchain().arguments.join(" "));
