/** The index of words from the built package, which Node runs as well (under-node.test.ts). */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FullTextIndex, FullTextWriter, QueryTerms } from "@patina/native";

const folder = mkdtempSync(join(tmpdir(), "patina-words-"));
after(() => rmSync(folder, { recursive: true }));

test("an index is written, changed and searched", async () => {
  const [first, second] = [join(folder, "first.idx"), join(folder, "second.idx")];
  const writer = new FullTextWriter(first);
  await writer.add([
    { row: 0, heading: "src/queue.rs", body: "fn notify_all(&self)" },
    { row: 1, heading: "src/main.rs", body: "fn main()" },
  ]);
  await writer.finish(2);
  const changed = new FullTextWriter(second, { path: first, removedRows: Uint32Array.of(0) });
  await changed.add([{ row: 2, heading: "src/pool.rs", body: "fn notify_one(&self)" }]);
  await changed.finish(3);
  const rows = (path) => {
    const index = new FullTextIndex(path);
    try {
      return [...index.search(["notify"], 10).rows];
    } finally {
      index.close();
    }
  };
  assert.deepEqual(rows(first), [0]);
  assert.deepEqual(rows(second), [2]);
});

test("a query's words are found in a text", () => {
  assert.deepEqual(new QueryTerms(["notify"]).find("fn notify_all"), [{ start: 3, end: 9, word: 0 }]);
});

test("what is wrong is a PatinaError", () => {
  assert.throws(() => new FullTextIndex(join(folder, "absent.idx")), { code: "INTEGRITY" });
});
