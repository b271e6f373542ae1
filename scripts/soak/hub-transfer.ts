/** A file of gigabytes from a hub on the loopback interface: as fast as curl, in memory that does not grow with it. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../benchmarks/prepare.ts";
import { spread } from "../../benchmarks/statistics.ts";
import type { Finding } from "../soak.ts";

const REPO = "owner/name";
const SUPPORT = join(ROOT, "packages/registry/test/support");
const ROUNDS = 3;
/** The file of which the memory is compared with the large one's: enough for the collector to reach its usual height. */
const SMALL_BYTES = 2 ** 30;
/** Of curl's rate, which digests nothing. */
const LEAST_RATE = 0.8;
const MOST_GROWTH = 1.15;

interface Run {
  readonly seconds: number;
  /** Time on all processors. */
  readonly processorSeconds: number;
  /** The largest resident set. */
  readonly mebibytes: number;
}

interface Runs {
  readonly ours: Run[];
  readonly curl: Run[];
  /** curl, and sha256sum after it. */
  readonly digested: Run[];
}

/** Fetches a sparse file of `gigabytes` in turns with curl, alone and with sha256sum; all write to the same disk. */
export async function hubTransfer(gigabytes: number, say: (message: string) => void): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), "patina-hub-"));
  const repository = join(folder, "served", REPO);
  mkdirSync(repository, { recursive: true });
  const bytes = gigabytes * 1e9;
  for (const [name, size] of [
    ["small.bin", SMALL_BYTES],
    ["large.bin", bytes],
  ] as const) {
    writeFileSync(join(repository, name), "");
    truncateSync(join(repository, name), size);
  }
  const hub = Bun.spawn([process.execPath, join(SUPPORT, "fake-hub.ts"), join(folder, "served")], {
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const endpoint = await firstLine(hub.stdout);
    const fetchFile = (name: string) =>
      timed(
        [process.execPath, join(SUPPORT, "fetch-in-process.ts"), REPO, name],
        join(folder, "cache"),
        endpoint,
      );
    const written = join(folder, "cache");
    const curl = ["curl", "-sSfL", "-o", written, `${endpoint}/${REPO}/resolve/main/large.bin`];
    const digested = ["sh", "-c", '"$@" && sha256sum "$0" >/dev/null', written, ...curl];
    const small = await fetchFile("small.bin");
    const runs: Runs = { ours: [], curl: [], digested: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      runs.curl.push(await timed(curl, written, endpoint));
      runs.ours.push(await fetchFile("large.bin"));
      runs.digested.push(await timed(digested, written, endpoint));
      const seconds = (of: readonly Run[]) => `${of.at(-1)?.seconds.toFixed(1)} s`;
      say(
        `${gigabytes} GB in ${seconds(runs.ours)}, curl ${seconds(runs.curl)}, with sha256sum ${seconds(runs.digested)}`,
      );
    }
    return finding(gigabytes, small, runs);
  } finally {
    hub.kill();
    await hub.exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

function finding(gigabytes: number, small: Run, { ours, curl, digested }: Runs): Finding {
  const rate = (runs: readonly Run[]) =>
    (gigabytes * 1000) / spread(runs.map(({ seconds }) => seconds)).median;
  const peak = Math.max(...ours.map(({ mebibytes }) => mebibytes));
  const failures: string[] = [];
  // Not `<`: a rate that is no number is a failure too.
  if (!(rate(ours) >= rate(curl) * LEAST_RATE)) failures.push(`less than ${LEAST_RATE} of curl's rate`);
  if (!(peak <= small.mebibytes * MOST_GROWTH)) failures.push("memory grew with the file");
  const besides = (runs: readonly Run[]) =>
    `${rate(runs).toFixed(0)} MB/s, of which ours is ${(rate(ours) / rate(runs)).toFixed(2)}`;
  const processors = (runs: readonly Run[]) =>
    spread(runs.map(({ processorSeconds }) => processorSeconds)).median.toFixed(1);
  return {
    title: "A large file of the hub",
    text:
      `A sparse file of ${gigabytes} GB from a hub on the loopback interface, which shares the machine's cores; digested, ` +
      `written and synced to disk: median of ${ROUNDS} runs ${rate(ours).toFixed(0)} MB/s. In turns with it curl, which ` +
      `neither digests nor syncs: ${besides(curl)}; curl and sha256sum after it, which do not sync: ${besides(digested)}. ` +
      `Ours takes ${processors(ours)} s of processor time, curl ${processors(curl)} s, curl with sha256sum ` +
      `${processors(digested)} s, on ${availableParallelism()} cores, the hub's own not counted. ` +
      `Largest resident set ${peak.toFixed(0)} MiB; with a file of ${SMALL_BYTES / 2 ** 20} MiB it was ` +
      `${small.mebibytes.toFixed(0)} MiB.`,
    failures,
  };
}

/** Runs a client to its end, what it wrote being removed afterwards. */
async function timed(command: string[], written: string, endpoint: string): Promise<Run> {
  const begin = performance.now();
  const child = Bun.spawn(command, {
    env: { ...process.env, HF_ENDPOINT: endpoint, HF_HUB_CACHE: written },
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} ended with ${child.exitCode}`);
  const seconds = (performance.now() - begin) / 1000;
  rmSync(written, { recursive: true, force: true });
  const usage = child.resourceUsage();
  return {
    seconds,
    processorSeconds: Number(usage?.cpuTime.total ?? Number.NaN) / 1e6,
    mebibytes: (usage?.maxRSS ?? Number.NaN) / 2 ** 20,
  };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.trim();
}
