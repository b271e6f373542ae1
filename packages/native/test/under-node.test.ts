import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

test.each([
  ["kernels.test.js", 8],
  ["vector-index.test.js", 8],
  ["full-text.test.js", 3],
])(
  "%s, over N-API, in Node, from the built package",
  (file, tests) => {
    const { stdout, stderr, status } = spawnSync(
      "node",
      ["--test", "--test-reporter=tap", join(import.meta.dir, file)],
      { encoding: "utf8", timeout: 60_000 },
    );
    expect(`${stdout}${stderr}`).toContain(`# pass ${tests}\n`);
    expect(status).toBe(0);
  },
  70_000,
);

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
