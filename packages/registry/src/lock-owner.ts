import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isSystemError } from "./files.ts";

/** The text by which a lock says whose it is; no two are the same. */
export function newOwner(): string {
  const id = randomBytes(8).toString("hex");
  return JSON.stringify({ host: hostname(), pid: process.pid, numbers: processNumbers(), id });
}

/**
 * True where the holder was a process that this one could see, and is gone. Two containers may share a volume and a
 * host name while neither sees the other's processes: of those nothing is known but their heartbeat.
 */
export function isDead(owner: string): boolean {
  const holder = parseOwner(owner);
  if (holder === undefined || holder.host !== hostname()) return false;
  const numbers = processNumbers();
  return numbers !== null && holder.numbers === numbers && !isAlive(holder.pid);
}

/** How long a holder has been silent, as one who waits for it sees it. */
export class Silence {
  #last: { readonly holder: string; readonly beatMs: number; readonly seenMs: number } | undefined;

  /** In milliseconds. A heartbeat of a clock ahead of ours counts from when it was first seen here. */
  of(holder: string, beatMs: number): number {
    const now = Date.now();
    if (this.#last?.holder !== holder || this.#last.beatMs !== beatMs) {
      this.#last = { holder, beatMs, seenMs: now };
    }
    return now - Math.min(beatMs, this.#last.seenMs);
  }
}

/**
 * Within what a process number means one process: on Linux this start of the machine and this namespace, elsewhere the
 * machine. `null` where a Linux does not tell.
 */
function processNumbers(): string | null {
  if (process.platform !== "linux") return process.platform;
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch (cause) {
    if (isSystemError(cause, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return null;
    throw cause;
  }
}

/** What a lock says of its holder; `undefined` for one that was half written or is of another version. */
function parseOwner(text: string): { host: string; pid: number; numbers: string } | undefined {
  const match = /"host":"([^"]*)","pid":(\d+),"numbers":"([^"]*)"/.exec(text);
  const [, host, pid, numbers] = match ?? [];
  if (host === undefined || pid === undefined || numbers === undefined) return undefined;
  return { host, pid: Number(pid), numbers };
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
