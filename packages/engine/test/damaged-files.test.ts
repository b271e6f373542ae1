/**
 * Damaged files through the door that JavaScript uses: errors or models, never a crash, a hang or an error of the engine's
 * own. crates/patina-embed/tests/damaged_files.rs does the same with more kinds of damage. `PATINA_FUZZ_SECONDS` is how
 * long, 5 unless set; `PATINA_FUZZ_SEED` starts with a case again.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SECONDS = Number(process.env.PATINA_FUZZ_SECONDS ?? 5);
/** Cases after which a child is replaced. */
const CASES = 40;
/** All cases of a child take a second; a child that takes this long hangs. */
const PATIENCE = 60_000;

const folder = mkdtempSync(join(tmpdir(), "patina-damaged-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

test(
  "damaged files are errors or models",
  () => {
    const first = Number(process.env.PATINA_FUZZ_SEED ?? Date.now() % 2 ** 31);
    const end = performance.now() + SECONDS * 1000;
    let seed = first;
    for (; performance.now() < end; seed += CASES) {
      const { exitCode, signalCode, stdout, stderr } = Bun.spawnSync(
        [process.execPath, join(import.meta.dir, "damaged-files/child.ts"), folder, `${seed}`, `${CASES}`],
        { timeout: PATIENCE, killSignal: "SIGKILL" },
      );
      const last = stdout.toString().trim().split("\n").at(-1);
      expect(
        { exitCode, signalCode: signalCode ?? null },
        `again with PATINA_FUZZ_SEED=${last}: ${stderr}`,
      ).toEqual({
        exitCode: 0,
        signalCode: null,
      });
    }
    console.log(`${seed - first} cases from PATINA_FUZZ_SEED=${first}`);
  },
  (SECONDS + 1) * 1000 + PATIENCE,
);
