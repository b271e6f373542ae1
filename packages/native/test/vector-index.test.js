// The index on the disk against `topK` over the same floats. `bun test` runs this file, `under-node.test.ts` has Node
// run it; that is why it is JavaScript and uses node:test.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { normalize, topK, VectorIndex, writeCodes } from "@patina/native";

const [rows, dimension] = [3_000, 48];
const folder = mkdtempSync(join(tmpdir(), "patina-index-"));
const files = { floats: join(folder, "passages.f32"), codes: join(folder, "passages.i8"), rows, dimension };
const matrix = Float32Array.from({ length: rows * dimension }, (_, index) => Math.sin(index * index));
for (let row = 0; row < rows; row++) normalize(vector(row));

function vector(row) {
  return matrix.subarray(row * dimension, (row + 1) * dimension);
}

async function rejects(call, code, message) {
  await assert.rejects(call, (error) => error.code === code && message.test(error.message));
}

let index;
before(async () => {
  writeFileSync(files.floats, matrix);
  await writeCodes(files);
  index = new VectorIndex(files);
});
after(() => {
  index.close();
  rmSync(folder, { recursive: true });
});

describe("VectorIndex", () => {
  it("finds what topK finds, several searches at once", async () => {
    const allowed = Uint8Array.from({ length: rows }, (_, row) => row % 3);
    const searches = [0, 77, 2_999].flatMap((row) => [
      { query: vector(row), k: 10 },
      { query: vector(row), k: 25, allowed },
      { query: vector(row), k: 5_000, allowed },
    ]);
    const found = await Promise.all(searches.map(({ query, k, allowed }) => index.search(query, k, allowed)));
    for (const [place, { rescored, ...best }] of found.entries()) {
      const { query, k, allowed } = searches[place];
      assert.deepEqual(index.searchSync(query, k, allowed), { rescored, ...best });
      assert.deepEqual(best, topK(matrix, rows, dimension, query, k, allowed));
      assert.ok(rescored >= best.rows.length && (k > rows || rescored < rows / 2), `${rescored} rescored`);
    }
  });

  it("reads a query before the call returns", async () => {
    const query = vector(5).slice();
    const searching = index.search(query, 1);
    query.fill(Number.NaN);
    assert.deepEqual([...(await searching).rows], [5]);
  });

  it("gives rows and their scores", async () => {
    assert.deepEqual(index.vector(4), vector(4));
    const scores = await index.score(vector(4), Uint32Array.of(9, 4));
    const expected = topK(matrix, rows, dimension, vector(4), rows);
    for (const [place, row] of [9, 4].entries()) {
      assert.equal(scores[place], expected.scores[expected.rows.indexOf(row)]);
    }
  });

  it("refuses what it cannot use", async () => {
    const query = vector(0);
    await rejects(() => index.search(query, -1), "INVALID_INPUT", /k has to be a whole number from 0/);
    await rejects(
      () => index.search([...query], 1),
      "INVALID_INPUT",
      /query has to be a Float32Array, not Array/,
    );
    await rejects(() => index.search(query.subarray(1), 1), "INVALID_INPUT", /query has 47 numbers .* 48/);
    await rejects(
      () => index.search(query, 1, new Uint8Array(2)),
      "INVALID_INPUT",
      /allowed has 2 bytes for 3000/,
    );
    await rejects(() => index.score(query, [1]), "INVALID_INPUT", /rows has to be a Uint32Array, not Array/);
    await rejects(() => index.score(query, Uint32Array.of(3_000)), "INVALID_INPUT", /no row 3000/);
    assert.throws(() => index.vector(3_000), { code: "INVALID_INPUT" });
    assert.throws(() => new VectorIndex({ ...files, rows: 1.5 }), { code: "INVALID_INPUT" });
  });

  it("is closed once, and a search under way ends well", async () => {
    const closed = new VectorIndex(files);
    const searching = closed.search(vector(1), 1);
    closed.close();
    closed.close();
    assert.deepEqual([...(await searching).rows], [1]);
    await rejects(() => closed.search(vector(1), 1), "CLOSED", /open it again/);
    assert.throws(() => closed.searchSync(vector(1), 1), { code: "CLOSED" });
  });

  it("names the file that cannot be its own, and the row that was damaged", async () => {
    const damage = (file, message) => (error) =>
      error.code === "INTEGRITY" && error.details.file === file && message.test(error.message);
    assert.throws(
      () => new VectorIndex({ ...files, rows: rows - 1 }),
      damage(files.floats, /has 576000 bytes/),
    );
    const missing = join(folder, "missing.i8");
    assert.throws(() => new VectorIndex({ ...files, codes: missing }), damage(missing, /it is missing/));
    const other = { ...files, floats: join(folder, "damaged.f32") };
    const floats = matrix.slice();
    floats[70 * dimension] += 1e-5;
    writeFileSync(other.floats, floats);
    const opened = new VectorIndex(other);
    await assert.rejects(opened.search(vector(70), 1), damage(other.floats, /row 70 is not/));
    opened.close();
  });
});

describe("writeCodes", () => {
  it("brings codes up to date that were made of other rows", async () => {
    const other = { ...files, codes: join(folder, "other.i8") };
    const floats = matrix.slice(0, 2_000 * dimension).fill(0.25, dimension, 2 * dimension);
    normalize(floats.subarray(dimension, 2 * dimension));
    const before = { ...other, floats: join(folder, "other.f32"), rows: 2_000 };
    writeFileSync(before.floats, floats);
    await writeCodes(before);
    await writeCodes(other, { changedRows: Uint32Array.of(1) });
    assert.deepEqual(readFileSync(other.codes), readFileSync(files.codes));
  });

  it("says what it could not write, and leaves nothing of it", async () => {
    await rejects(() => writeCodes(files), "IO", /exists/);
    await rejects(() => writeCodes(files, { changedRows: [1] }), "INVALID_INPUT", /Uint32Array, not Array/);
    const short = {
      floats: join(folder, "short.f32"),
      codes: join(folder, "short.i8"),
      rows: 2,
      dimension: 2,
    };
    writeFileSync(short.floats, Float32Array.of(0, 0, 0.5, 0.5));
    await rejects(() => writeCodes(short), "INTEGRITY", /row 1 is no unit vector/);
    assert.throws(() => readFileSync(short.codes), { code: "ENOENT" });
  });
});
