import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const TESTS_IN_FILE = 8;

test("the kernels over N-API, in Node, from the built package", () => {
  const { stdout, stderr, status } = spawnSync(
    "node",
    ["--test", "--test-reporter=tap", join(import.meta.dir, "kernels.test.js")],
    { encoding: "utf8", timeout: 60_000 },
  );
  expect(`${stdout}${stderr}`).toContain(`# pass ${TESTS_IN_FILE}\n`);
  expect(status).toBe(0);
}, 70_000);

test("the package loads in Node without a thought of bun:ffi, and loads no addon until it is needed", () => {
  const script = `
    await import("@patina/native");
    const loaded = process.report.getReport().sharedObjects.filter((path) => path.endsWith(".node"));
    if (loaded.length > 0) throw new Error(loaded.join());
  `;
  const { stderr, status } = spawnSync("node", ["--input-type=module", "--eval", script], {
    cwd: import.meta.dir,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}, 70_000);
