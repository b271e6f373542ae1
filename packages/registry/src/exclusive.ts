import { randomBytes } from "node:crypto";
import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { abortedError, PatinaError, throwIfAborted } from "@patina/core";
import { isSystemError } from "./files.ts";
import { isDead, newOwner, Silence } from "./lock-owner.ts";

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

/** A lock as its holder has it. */
export interface HeldLock {
  /** True until another process has taken it over, which happens to one that is stopped for a minute. */
  holds(): Promise<boolean>;
  /**
   * To be called before what must not happen twice, such as putting a file in place.
   *
   * @throws PatinaError `BUSY` where another process has taken the lock over.
   */
  requireHeld(): Promise<void>;
}

/**
 * Runs `work` while no other process that asks for the lock `file` does. The lock is a file made exclusively; one that
 * a crashed process left is taken over at once where its process numbers are ours, after a minute without heartbeat
 * otherwise. Drafts of the lock that a killed process left are removed.
 */
export async function exclusively<T>(
  file: string,
  options: LockWait,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const owner = newOwner();
  const silence = new Silence();
  for (let told = false; !(await take(file, owner, silence)); told = true) {
    if (!told) options.onWait?.();
    await pause(options.signal);
  }
  const lock = heldLock(file, owner);
  const heartbeat = setInterval(() => {
    // The disk may be gone, or the lock another's; both show when the work is done.
    beat(lock, file).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    await sweepDrafts(file);
    return await work(lock);
  } finally {
    clearInterval(heartbeat);
    if (await lock.holds()) await rm(file, { force: true });
  }
}

/** Removes the lock `file` where its holder died after the work was done, so that nobody would ever take it over. */
export async function removeStale(file: string): Promise<void> {
  const holder = await ownerOf(file);
  const silence = new Silence();
  if (holder === undefined || !(await isStale(file, holder, silence))) return;
  const owner = newOwner();
  // Taken first: in between another process may have taken it over, and then holds it.
  if ((await take(file, owner, silence)) && (await ownerOf(file)) === owner) await rm(file, { force: true });
}

/** The key of the model whose lock, or draft of a lock, has this name; `undefined` for any other name. */
export function nameOfLock(name: string): string | undefined {
  return /^(.+)\.busy(?:\.[0-9a-f]{12})?$/.exec(name)?.[1];
}

function heldLock(file: string, owner: string): HeldLock {
  const holds = async (): Promise<boolean> => (await ownerOf(file)) === owner;
  const requireHeld = async (): Promise<void> => {
    if (await holds()) return;
    const message =
      `another process has taken over ${file}, since this one was silent for too long; ` +
      "nothing more was put in place, run the command again";
    throw new PatinaError("BUSY", message, { file });
  };
  return { holds, requireHeld };
}

async function beat(lock: HeldLock, file: string): Promise<void> {
  const now = new Date();
  if (await lock.holds()) await utimes(file, now, now);
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

async function take(file: string, owner: string, silence: Silence): Promise<boolean> {
  if (await create(file, owner)) return true;
  const holder = await ownerOf(file);
  if (holder === undefined || !(await isStale(file, holder, silence))) return false;
  // Two processes may see the same stale lock. The one whose rename moves something else than that lock has caught
  // the other's new one and puts it back.
  const aside = draftOf(file);
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
  const draft = draftOf(file);
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

function draftOf(file: string): string {
  return `${file}.${randomBytes(6).toString("hex")}`;
}

/** Removes drafts of the lock that live longer than any process needs one. */
async function sweepDrafts(file: string): Promise<void> {
  const folder = dirname(file);
  const start = `${basename(file)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !/^[0-9a-f]{12}$/.test(name.slice(start.length))) continue;
    const draft = join(folder, name);
    const holder = await ownerOf(draft);
    if (holder !== undefined && (await isStale(draft, holder, new Silence())))
      await rm(draft, { force: true });
  }
}

async function isStale(file: string, holder: string, silence: Silence): Promise<boolean> {
  if (isDead(holder)) return true;
  try {
    return silence.of(holder, (await stat(file)).mtimeMs) > STALE_MS;
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return false;
    throw cause;
  }
}
