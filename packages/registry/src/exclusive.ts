import { randomBytes } from "node:crypto";
import { constants, copyFile, link, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { abortedError, throwIfAborted } from "@patina/core";
import { isSystemError } from "./files.ts";

/** A holder shows this often that it lives. */
const HEARTBEAT_MS = 5_000;
/** A lock that was silent this long has lost its holder: twelve missed heartbeats, also on a busy machine. */
const STALE_MS = 60_000;
/** How often a waiting process looks again. */
const POLL_MS = 25;

/** What a waiting process is told. */
export interface LockWait {
  readonly signal?: AbortSignal | undefined;
  /** Called once, when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Runs `work` while no other process that asks for the lock `file` does. The lock is a file made exclusively; one that
 * a crashed process left is taken over at once on the same machine, after a minute without heartbeat otherwise.
 */
export async function exclusively<T>(file: string, options: LockWait, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const owner = newOwner();
  for (let told = false; !(await take(file, owner)); told = true) {
    if (!told) options.onWait?.();
    await pause(options.signal);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // The lock may have been taken over or the disk may be gone; both show when the work is done.
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await ownerOf(file)) === owner) await rm(file, { force: true });
  }
}

/** Removes the lock `file` where its holder died after the work was done, so that nobody would ever take it over. */
export async function removeStale(file: string): Promise<void> {
  const holder = await ownerOf(file);
  if (holder === undefined || !(await isStale(file, holder))) return;
  const owner = newOwner();
  // Taken first: in between another process may have taken it over, and then holds it.
  if ((await take(file, owner)) && (await ownerOf(file)) === owner) await rm(file, { force: true });
}

function newOwner(): string {
  return JSON.stringify({ host: hostname(), pid: process.pid, id: randomBytes(8).toString("hex") });
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  try {
    await wait(POLL_MS, undefined, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw abortedError(signal);
    throw cause;
  }
}

async function take(file: string, owner: string): Promise<boolean> {
  if (await create(file, owner)) return true;
  const holder = await ownerOf(file);
  if (holder === undefined || !(await isStale(file, holder))) return false;
  // Two processes may see the same stale lock. The one whose rename moves something else than that lock has caught
  // the other's new one and puts it back.
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return false;
    throw cause;
  }
  if ((await ownerOf(aside)) !== holder) await placeExclusively(aside, file);
  await rm(aside, { force: true });
  return create(file, owner);
}

/** Makes the lock with its owner in it in one step: a file that is there always says whose it is. */
async function create(file: string, owner: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  const handle = await open(draft, "wx");
  try {
    await handle.writeFile(owner);
  } finally {
    await handle.close();
  }
  try {
    return await placeExclusively(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Gives `file` the contents of `draft` unless it exists already. */
async function placeExclusively(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file).catch((cause: unknown) => {
      // FAT and some network file systems have no hard links; a copy is exclusive as well, only not in one step.
      if (!isSystemError(cause, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw cause;
      return copyFile(draft, file, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (cause) {
    if (isSystemError(cause, "EEXIST")) return false;
    throw cause;
  }
}

async function ownerOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return undefined;
    throw cause;
  }
}

async function isStale(file: string, holder: string): Promise<boolean> {
  const owner = parseOwner(holder);
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  try {
    return Date.now() - (await stat(file)).mtimeMs > STALE_MS;
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return false;
    throw cause;
  }
}

function parseOwner(text: string): { host: string; pid: number } | undefined {
  const match = /"host":"([^"]*)","pid":(\d+)/.exec(text);
  return match === null ? undefined : { host: match[1] ?? "", pid: Number(match[2]) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it lives and belongs to somebody else.
    return isSystemError(cause, "EPERM");
  }
}
