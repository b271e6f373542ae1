/** The optimised graphs that the command keeps below its home. */
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TINY, TinyHome } from "./support/tiny-model.ts";

const FP32 = { name: "fp32", facts: 'numerics = "float32"' };
const EMBED = ["embed", "the river", "--model", TINY];

test("a graph is kept by the first command, used by the next, told by doctor and removed with its model", async () => {
  using tiny = new TinyHome([FP32], "");
  expect(await tiny.run(["model", "add", TINY])).toMatchObject({ code: 0 });
  const graphs = join(tiny.home, "cache", "graphs");
  const first = await tiny.run(EMBED);
  expect(first).toMatchObject({ code: 0, error: "" });
  expect(readdirSync(graphs)).toHaveLength(1);
  expect(await tiny.run(EMBED)).toEqual(first);
  expect(readdirSync(graphs)).toHaveLength(1);

  const report = JSON.parse((await tiny.run(["doctor", "--json"])).out);
  expect(report.caches).toContainEqual({ name: "graphs", folder: graphs, size: expect.any(Number) });
  expect(report.machine.threads).toBeGreaterThanOrEqual(1);

  expect(await tiny.run(["model", "remove", TINY])).toMatchObject({ code: 0 });
  expect(readdirSync(graphs)).toEqual([]);
});

test("a graph that cannot be kept is a warning, and the vector is the same", async () => {
  using tiny = new TinyHome([FP32], "");
  expect(await tiny.run(["model", "add", TINY])).toMatchObject({ code: 0 });
  const kept = await tiny.run(EMBED);
  const cache = join(tiny.home, "cache");
  rmSync(cache, { recursive: true });
  mkdirSync(cache);
  // A file in its place stops even root, whom no mode stops.
  writeFileSync(join(cache, "graphs"), "");
  chmodSync(join(cache, "graphs"), 0o400);
  const { code, out, error } = await tiny.run(EMBED);
  expect({ code, out }).toEqual({ code: 0, out: kept.out });
  expect(error).toMatch(/^warning: the optimised graph of .*model\.onnx cannot be kept/);
});
