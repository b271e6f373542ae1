import { PatinaError } from "@patina/core";
import type { LockedFile } from "./lock.ts";
import { variantLabel } from "./select.ts";
import { contradictedCommit, lockedName } from "./sources/source.ts";
import type { ExpectedVariant } from "./store.ts";

/**
 * Refuses a lock that has a file at another commit than the one the registry itself pins: neither is taken for the other.
 *
 * @throws PatinaError `INTEGRITY` that names both.
 */
export function requireSameCommits(locks: readonly string[], { entry, files }: ExpectedVariant): void {
  const { key } = entry;
  for (const { file, pin } of files) {
    for (const source of file.sources) {
      const commit = pin === undefined ? undefined : contradictedCommit(source, pin);
      if (commit === undefined) continue;
      throw new PatinaError(
        "INTEGRITY",
        `the registry pins ${file.path} of ${key} at commit ${commit}, and ${locks.join(" or ")} has it at commit ` +
          `${pin?.revision}; nothing was changed. \`patina model update ${key}\` shows what differs, and takes the registry's`,
        { key, expected: commit, found: `${pin?.revision}` },
      );
    }
  }
}

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
    for (const { file } of files) differences.push(...differencesOf(entry.key, file, locked.get(file.path)));
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
  key: string,
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
  for (const source of sources) {
    const commit = contradictedCommit(source, row);
    if (commit !== undefined) {
      differences.push(
        `${path}: it has it at commit ${row.revision}, the registry pins commit ${commit}; ` +
          `\`patina model update ${key}\` takes that`,
      );
    }
  }
  // Bytes that the registry names by their digest are the same wherever they came from.
  const names = sources.map(lockedName);
  if (sha256 === undefined && !names.includes(row.source)) {
    differences.push(`${path}: it has it from ${row.source}, the registry from ${names.join(" or ")}`);
  }
  return differences;
}
