import { PatinaError } from "@patina/core";
import type { LockedFile } from "./lock.ts";
import { variantLabel } from "./select.ts";
import { lockedName } from "./sources/source.ts";
import type { ExpectedVariant } from "./store.ts";

/**
 * Holds what the registry says of a variant against its row in the lock.
 *
 * @throws PatinaError `INTEGRITY` that names every difference.
 */
export function requireLocked(
  lock: string,
  { entry, variant, files }: ExpectedVariant,
  locked: ReadonlyMap<string, LockedFile>,
): void {
  const label = `${entry.key} ${variantLabel(variant)}`;
  const differences = locked.size === 0 ? [`it has no row for ${label}`] : [];
  if (locked.size > 0) {
    for (const { file } of files) differences.push(...differencesOf(file, locked.get(file.path)));
    const paths = new Set(files.map(({ file }) => file.path));
    for (const path of locked.keys()) {
      if (!paths.has(path)) differences.push(`${path}: it has this file, and the registry does not`);
    }
  }
  if (differences.length === 0) return;
  throw new PatinaError(
    "INTEGRITY",
    `${lock} does not have ${label} as the registry has it, and is frozen:` +
      `${differences.map((difference) => `\n  ${difference}`).join("")}\n` +
      "Nothing was changed; run the same without --frozen where the lock may change, and commit it",
    { file: lock, key: entry.key },
  );
}

function differencesOf(
  file: ExpectedVariant["files"][number]["file"],
  row: LockedFile | undefined,
): string[] {
  const { path, size, sha256, sources } = file;
  if (row === undefined) return [`${path}: it has no such file`];
  const differences: string[] = [];
  if (sha256 !== undefined && sha256 !== row.sha256) {
    differences.push(`${path}: its SHA-256 is ${row.sha256}, the registry's ${sha256}`);
  }
  if (size !== undefined && size !== row.size) {
    differences.push(`${path}: its size is ${row.size}, the registry's ${size}`);
  }
  // Bytes that the registry names by their digest are the same wherever they came from.
  const names = sources.map(lockedName);
  if (sha256 === undefined && !names.includes(row.source)) {
    differences.push(`${path}: it has it from ${row.source}, the registry from ${names.join(" or ")}`);
  }
  return differences;
}
