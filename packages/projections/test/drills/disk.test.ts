/** Disks that are full and checkouts that cannot be written: an error that says what to do, and the index as it was. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Answer, childCommand, Drill, Moments, PATIENCE, ROUNDS, run, start } from "./drill.ts";

/** A shell with a mount table of its own, in which even a user who is not root may mount; null where the system forbids it. */
const OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"];
const canMount =
  Bun.which("unshare") !== null &&
  Bun.spawnSync([...OWN_MOUNTS, "sh", "-c", "mount -t tmpfs none /mnt"], { stderr: "ignore" }).exitCode === 0;
if (!canMount) console.warn("no mounts here (unshare): the drills of full and read-only disks are left out");

/** Runs a script in such a shell; `$0` is the first argument. Gives the answers of the children in it. */
async function mounted(script: string, ...args: readonly string[]): Promise<Answer[]> {
  const shell = Bun.spawn([...OWN_MOUNTS, "sh", "-ec", script, ...args], { stdout: "pipe", stderr: "pipe" });
  const [out, problems, code] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
    shell.exited,
  ]);
  expect({ code, problems }).toEqual({ code: 0, problems: "" });
  return out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Answer);
}

/** A child's command as a word of a shell script. */
function word(root: string, ...args: readonly string[]): string {
  return childCommand(root, ...args)
    .map((part) => (part.startsWith("$") ? `"${part}"` : `'${part}'`))
    .join(" ");
}

describe("a file that may not grow any more", () => {
  // POSIX, and so the same everywhere; a write past the limit fails like one on a full disk, with EFBIG for ENOSPC.
  test(
    "ends a run with an error that names it, and the run after that succeeds",
    async () => {
      const moments = new Moments("file size limits");
      using drill = new Drill();
      await drill.oxidize(0);
      const before = await drill.state();
      for (let round = 0; round < ROUNDS; round++) {
        const blocks = 1 + moments.below(600);
        const limited = [
          "sh",
          "-c",
          `trap '' XFSZ; ulimit -f ${blocks}; exec ${word(drill.root, "full", "1")}`,
        ];
        const answer = await start(limited).answer;
        if (answer?.done === false) {
          expect(answer).toMatchObject({ code: "IO", file: expect.stringContaining(drill.local()) });
          expect(await drill.state()).toEqual(before);
        } else expect(await drill.state()).toMatchObject({ state: 1 });
        if (answer?.done !== false) break;
      }
      await drill.oxidize(2);
      expect(await drill.state()).toMatchObject({ state: 2 });
      drill.expectTidy(2);
    },
    PATIENCE,
  );
});

describe.skipIf(!canMount)("a full disk", () => {
  test(
    "ends a run with an error that says so; with more room the next one succeeds, nothing else is needed",
    async () => {
      const moments = new Moments("full disks");
      for (let round = 0; round < ROUNDS; round++) {
        using drill = new Drill();
        await drill.oxidize(0);
        const used = Number(Bun.spawnSync(["du", "-sk", drill.root]).stdout.toString().split("\t")[0]);
        const disk = join(drill.root, "disk");
        const answers = await mounted(
          `mkdir "$0"
         mount -t tmpfs -o size=$1k none "$0"
         cp -a "$2/.patina" "$0/"
         ${word("$0", "full", "1")}
         ${word("$0", "search")}
         mount -o remount,size=200m "$0"
         ${word("$0", "oxidize", "2")}
         ${word("$0", "search")}
         ls "$0/.patina/local/generations" | grep tmp- && exit 9 || true`,
          ...[disk, `${used + 8 + moments.below(used)}`, drill.root],
        );
        expect(answers).toHaveLength(4);
        const [full, search, after, found] = answers as [Answer, Answer, Answer, Answer];
        if (!full.done) {
          expect(full.code).toBe("IO");
          expect(full.message).toMatch(/the disk is full/);
        }
        expect(search).toMatchObject({ done: true, marker: full.done ? "1" : "0" });
        expect(after).toMatchObject({ done: true });
        expect(found).toMatchObject({ done: true, marker: "2" });
      }
    },
    PATIENCE,
  );
});

describe.skipIf(!canMount)("a disk without any room", () => {
  test(
    "lets older generations be removed, which makes some",
    async () => {
      using drill = new Drill();
      await drill.oxidize(0);
      await drill.oxidize(1);
      const answers = await mounted(
        `mkdir "$0"
         mount -t tmpfs -o size=20m none "$0"
         cp -a "$1/.patina" "$0/"
         dd if=/dev/zero of="$0/fill" bs=4k 2>/dev/null || true
         ${word("$0", "oxidize", "2")}
         ${word("$0", "prune")}
         ${word("$0", "search")}`,
        ...[join(drill.root, "disk"), drill.root],
      );
      expect(answers).toMatchObject([
        { done: false, code: "IO", message: expect.stringContaining("full") },
        { done: true, removed: [expect.any(String)] },
        { done: true, marker: "1" },
      ]);
    },
    PATIENCE,
  );
});

describe.skipIf(!canMount)("a read-only checkout", () => {
  const script = (...children: readonly string[]): string =>
    ['mount --bind "$0" "$0"', 'mount -o remount,ro,bind "$0"', ...children].join("\n");

  test(
    "is searched, and whatever writes is an error that says what to do",
    async () => {
      using drill = new Drill();
      const first = await drill.oxidize(0);
      await drill.oxidize(1);
      const writing = [["oxidize", "2"], ["rollback"], ["use", first], ["prune"]];
      const [search, ...refused] = await mounted(
        script(word("$0", "search"), ...writing.map((args) => word("$0", ...args))),
        drill.root,
      );
      expect(search).toMatchObject({ done: true, marker: "1" });
      expect(refused).toHaveLength(writing.length);
      for (const answer of refused) {
        expect(answer).toMatchObject({
          done: false,
          code: "IO",
          file: expect.stringContaining(drill.local()),
        });
        expect(answer.message).toContain("read-only");
      }
      expect(await run(drill.root, "search")).toMatchObject({ done: true, marker: "1" });
      drill.expectTidy(2);
    },
    PATIENCE,
  );

  test(
    "without an index is told that there is none",
    async () => {
      using drill = new Drill();
      const answers = await mounted(script(word("$0", "search"), word("$0", "oxidize", "1")), drill.root);
      expect(answers).toMatchObject([
        { done: false, code: "INDEX_MISSING" },
        { done: false, code: "IO", message: expect.stringContaining("read-only") },
      ]);
    },
    PATIENCE,
  );
});
