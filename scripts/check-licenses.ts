/** Every dependency of both languages has a licence that the product may ship with; a new one that has not is named. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSL-1.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MPL-2.0",
  "PSF-2.0",
  "Unicode-3.0",
  "Unlicense",
  "Zlib",
]);

const root = join(import.meta.dir, "..");

/** Whether an SPDX expression can be met with allowed licences: every AND part, at least one of each OR. */
export function isAllowed(expression: string): boolean {
  const parts = expression
    .replaceAll(/[()]/g, "")
    .replaceAll("/", " OR ")
    .split(/\s+AND\s+/);
  return parts.every((part) => part.split(/\s+OR\s+/).some((licence) => ALLOWED.has(licence.trim())));
}

interface Dependency {
  readonly name: string;
  readonly licence: string | undefined;
}

function crates(): Dependency[] {
  const { stdout, exitCode, stderr } = Bun.spawnSync(
    ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"],
    {
      cwd: root,
    },
  );
  if (exitCode !== 0) throw new Error(`cargo metadata failed:\n${stderr.toString()}`);
  const { packages } = JSON.parse(stdout.toString()) as {
    packages: { name: string; version: string; license: string | null }[];
  };
  return packages.map(({ name, version, license }) => ({
    name: `crate ${name} ${version}`,
    licence: license ?? undefined,
  }));
}

function packages(folder: string): Dependency[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    if (entry.name.startsWith("@")) return packages(path);
    const manifest = join(path, "package.json");
    if (!existsSync(manifest)) return [];
    const { name, version, license, licenses } = JSON.parse(readFileSync(manifest, "utf8")) as {
      name: string;
      version: string;
      license?: string | { type: string };
      licenses?: { type: string }[];
    };
    const licence = typeof license === "string" ? license : (license?.type ?? licenses?.[0]?.type);
    const nested = join(path, "node_modules");
    // Workspace packages are links into packages/, and theirs are checked through the root.
    const own = entry.isSymbolicLink() || !existsSync(nested) ? [] : packages(nested);
    return [{ name: `package ${name} ${version}`, licence }, ...own];
  });
}

if (import.meta.main) {
  const all = [...crates(), ...packages(join(root, "node_modules"))];
  const refused = all.filter(({ licence }) => licence === undefined || !isAllowed(licence));
  for (const { name, licence } of refused) console.error(`${name}: ${licence ?? "no licence stated"}`);
  if (refused.length > 0) {
    console.error("these licences are not on the list in scripts/check-licenses.ts");
    process.exit(1);
  }
  console.log(`${all.length} dependencies, all with allowed licences`);
}
