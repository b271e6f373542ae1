/**
 * The locks of projects that files of this store were added for. `prune` asks them all: a model that another project
 * pins is in use there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PatinaError } from "@patina/core";
import * as v from "valibot";
import { exclusively, type LockWait } from "./exclusive.ts";
import { readIfThere, writeAtomically } from "./files.ts";

const KNOWN = v.strictObject({ version: v.literal(1), locks: v.array(v.string()) });

/** The remembered locks. */
export interface KnownLocks {
  /** Those that are there. */
  readonly seen: readonly string[];
  /** The others: their project is gone, or only its disk is away, and what they pin is not known. */
  readonly unseen: readonly string[];
}

/** Remembers a lock. */
export async function rememberLock(home: string, lock: string, wait: LockWait): Promise<void> {
  if (!(await readKnown(home)).includes(lock)) await changeKnown(home, wait, (locks) => [...locks, lock]);
}

/** Forgets locks. */
export async function forgetLocks(home: string, gone: readonly string[]): Promise<void> {
  await changeKnown(home, {}, (locks) => locks.filter((lock) => !gone.includes(lock)));
}

/** All locks that are remembered. */
export async function knownLocks(home: string): Promise<KnownLocks> {
  const locks = await readKnown(home);
  return { seen: locks.filter(existsSync), unseen: locks.filter((lock) => !existsSync(lock)) };
}

async function changeKnown(
  home: string,
  wait: LockWait,
  change: (locks: readonly string[]) => string[],
): Promise<void> {
  const file = knownFile(home);
  await exclusively(`${file}.busy`, wait, async () => {
    const locks = [...new Set(change(await readKnown(home)))].sort();
    await writeAtomically(file, `${JSON.stringify({ version: 1, locks }, null, 2)}\n`);
  });
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
