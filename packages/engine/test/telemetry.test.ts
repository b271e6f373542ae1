/**
 * Nothing reports to anybody. ONNX Runtime from 1.29 starts telemetry on its own, which leaves a device's identity and a
 * database below the user's folder and a log in the temporary one: whoever finds neither has not been reported on.
 */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = `
import { openEngine } from "@patina/engine";
import { fixture } from "./test/support/fixtures.ts";
await using engine = await openEngine(fixture("bert-mean").spec);
console.log((await engine.embed("the river")).vector.length);
`;

test("an engine leaves nothing in the user's folder and the temporary one, whatever the environment says", () => {
  const home = mkdtempSync(join(tmpdir(), "patina-telemetry-"));
  const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, "-e", PROGRAM], {
    cwd: join(import.meta.dir, ".."),
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      XDG_CACHE_HOME: join(home, "cache"),
      // Bun's own cache of transpiled sources is not what is looked for.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      ORT_DISABLE_TELEMETRY: "0",
    },
  });
  expect({ output: `${stdout}${stderr}`.trim(), exitCode }).toEqual({ output: "32", exitCode: 0 });
  expect(readdirSync(home, { recursive: true })).toEqual([]);
  rmSync(home, { recursive: true });
});
