/**
 * The locks of projects that files of this store were added for. `prune` asks them all: a model that another project
 * pins is in use there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { exclusively } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";

const KNOWN = v.strictObject({ version: v.literal(1), locks: v.array(v.string()) });

/** Remembers a lock. */
export async function rememberLock(home: string, lock: string): Promise<void> {
  if ((await readKnown(home)).includes(lock)) return;
  const file = knownFile(home);
  await exclusively(`${file}.busy`, {}, async () => {
    const locks = [...new Set([...(await readKnown(home)), lock])].filter(existsSync).sort();
    await writeAtomically(file, `${JSON.stringify({ version: 1, locks }, null, 2)}\n`);
  });
}

/** Those of the remembered locks that are still there. */
export async function knownLocks(home: string): Promise<string[]> {
  return (await readKnown(home)).filter(existsSync);
}

async function readKnown(home: string): Promise<string[]> {
  const file = knownFile(home);
  const bytes = await readIfThere(file);
  if (bytes === undefined) return [];
  try {
    return v.parse(KNOWN, JSON.parse(bytes.toString("utf8"))).locks;
  } catch (cause) {
    const message =
      `${file} cannot be read: it lists the locks of the projects that use this store. Delete it, and run ` +
      "`patina model add KEY` once in each of them";
    throw new PatinaError("REGISTRY_INVALID", message, { file, cause });
  }
}

function knownFile(home: string): string {
  return join(home, "locks.json");
}
