/** Files that are made to hold a loader up: too large, or with patterns that search for hours. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFile } from "@patina/engine";
import { failure, fixture } from "./support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "patina-hostile-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { spec } = fixture("qwen3-plain");
const original = spec.files.find(({ role }) => role === "tokenizer")?.path ?? "";

/** What opening the model with `path` in place of its file fails with. */
function failureWith(role: ModelFile["role"], path: string): Promise<unknown> {
  return failure({
    ...spec,
    files: spec.files.map((file) => (file.role === role ? { ...file, path } : file)),
  });
}

test.each(["(a|aa)+$b", "a*a*b|a", "[\\s\\S]*☃|[\\s\\S]"])("the pattern %s is refused", async (pattern) => {
  const tokenizer = JSON.parse(readFileSync(original, "utf8"));
  tokenizer.pre_tokenizer.pretokenizers[0].pattern.Regex = pattern;
  const path = join(folder, "tokenizer.json");
  writeFileSync(path, JSON.stringify(tokenizer));
  expect(await failureWith("tokenizer", path)).toMatchObject({
    code: "INTEGRITY",
    details: { file: path },
    message: expect.stringContaining("take too long"),
  });
});

test.each([
  ["tokenizer", 65 * 2 ** 20],
  ["config", 5 * 2 ** 20],
] as const)("a %s file of %d bytes is not read", async (role, size) => {
  const path = join(folder, `large-${role}.json`);
  writeFileSync(path, "");
  // A hole of that size: it takes no room on the disk.
  truncateSync(path, size);
  expect(await failureWith(role, path)).toMatchObject({
    code: "INTEGRITY",
    details: { file: path },
    message: expect.stringContaining("more than the"),
  });
});
