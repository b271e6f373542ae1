import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { EmbeddingMatrix, isPatinaError } from "@patina/core";
import { EmbeddingCache } from "../src/cache/embedding-cache.ts";
import { sha256 } from "../src/generation/identity.ts";
import { TemporaryProject } from "./fixtures/passages.ts";

const SCOPE = { encoderId: "a".repeat(64), dimension: 4 };
const TEXTS = ["one", "two", "three"].map(sha256);

function matrix(rows: number, dimension = 4, first = 1): EmbeddingMatrix {
  return new EmbeddingMatrix({
    data: Float32Array.from({ length: rows * dimension }, (_, index) => first + index / 7),
    rows,
    dimension,
    tokens: Uint32Array.from({ length: rows }, (_, row) => row + 1),
    truncated: Uint8Array.from({ length: rows }, (_, row) => row % 2),
    specialTokens: new Uint32Array(rows),
  });
}

/** A cache in a directory of its own, and what it said. */
class Fixture implements Disposable {
  readonly notices: string[] = [];
  readonly #project = new TemporaryProject();
  readonly file: string = this.#project.local("cache.sqlite");

  constructor() {
    mkdirSync(this.#project.local(), { recursive: true });
  }

  open(): EmbeddingCache {
    return new EmbeddingCache(this.file, (message) => this.notices.push(message));
  }

  get directory(): string[] {
    return readdirSync(this.#project.local());
  }

  [Symbol.dispose](): void {
    this.#project[Symbol.dispose]();
  }
}

describe("the embedding cache", () => {
  test("gives back what was stored, bit by bit, also after it was closed", () => {
    using fixture = new Fixture();
    const stored = matrix(2);
    {
      using cache = fixture.open();
      cache.put(SCOPE, TEXTS.slice(0, 2), stored);
    }
    using cache = fixture.open();
    const found = cache.get(SCOPE, TEXTS);
    expect(found.map((one) => one && { ...one, vector: [...one.vector] })).toEqual([
      { vector: [...stored.row(0)], tokens: 1, truncated: false },
      { vector: [...stored.row(1)], tokens: 2, truncated: true },
      null,
    ]);
    expect(cache.missing(SCOPE, TEXTS)).toEqual(TEXTS.slice(2));
  });

  test("keeps the vectors of two encoders apart", () => {
    using fixture = new Fixture();
    using cache = fixture.open();
    cache.put(SCOPE, TEXTS, matrix(3));
    expect(cache.missing({ ...SCOPE, encoderId: "b".repeat(64) }, TEXTS)).toEqual(TEXTS);
  });

  test("keeps what was committed when its owner never closed it", () => {
    using fixture = new Fixture();
    const open = fixture.open();
    open.put(SCOPE, TEXTS, matrix(3));
    using second = fixture.open();
    expect(second.missing(SCOPE, TEXTS)).toEqual([]);
    open[Symbol.dispose]();
  });

  test("takes no vector that is not finite, and none of that batch", () => {
    using fixture = new Fixture();
    using cache = fixture.open();
    const bad = matrix(3);
    bad.data[9] = Number.NaN;
    expect(() => cache.put(SCOPE, TEXTS, bad)).toThrow("NaN or infinity for text 2");
    expect(cache.missing(SCOPE, TEXTS)).toEqual(TEXTS);
  });

  test("takes no matrix of another shape", () => {
    using fixture = new Fixture();
    using cache = fixture.open();
    expect(() => cache.put(SCOPE, TEXTS, matrix(2))).toThrow("2 vectors of 4 numbers for 3 texts");
    expect(() => cache.put(SCOPE, TEXTS, matrix(3, 5))).toThrow("3 vectors of 5 numbers for 3 texts");
  });

  test("counts a row with a changed bit, or of another length, as missing, and replaces it", () => {
    using fixture = new Fixture();
    using cache = fixture.open();
    cache.put(SCOPE, TEXTS, matrix(3));
    using database = new Database(fixture.file);
    const change = database.prepare("UPDATE embeddings SET vector = ? WHERE text_digest = ?");
    const bytes = new Uint8Array(matrix(3).row(0).slice().buffer);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    change.run(bytes, Buffer.from(TEXTS[0] as string, "hex"));
    change.run(new Uint8Array(8), Buffer.from(TEXTS[1] as string, "hex"));
    expect(cache.missing(SCOPE, TEXTS)).toEqual(TEXTS.slice(0, 2));
    cache.put(SCOPE, TEXTS, matrix(3, 4, 2));
    expect([...(cache.get(SCOPE, TEXTS)[0]?.vector ?? [])]).toEqual([...matrix(1, 4, 2).row(0)]);
  });
});

describe("a damaged cache file", () => {
  test("is moved aside, said aloud, and replaced by one that works", () => {
    using fixture = new Fixture();
    writeFileSync(fixture.file, "this is no database ".repeat(500));
    using cache = fixture.open();
    expect(fixture.notices).toHaveLength(1);
    expect(fixture.notices[0]).toContain(fixture.file);
    const aside = fixture.directory.find((name) => name.startsWith("cache.sqlite.damaged-"));
    expect(fixture.notices[0]).toContain(aside as string);
    cache.put(SCOPE, TEXTS, matrix(3));
    expect(cache.missing(SCOPE, TEXTS)).toEqual([]);
  });

  test("is replaced also when the damage shows itself only while it is read", () => {
    using fixture = new Fixture();
    const many = Array.from({ length: 4_000 }, (_, index) => sha256(`text ${index}`));
    {
      using cache = fixture.open();
      cache.put(SCOPE, many, matrix(many.length));
    }
    const bytes = readFileSync(fixture.file);
    // The first page is left alone, so that the file still opens as a database with these tables.
    bytes.fill(0xff, 3 * 4_096);
    writeFileSync(fixture.file, bytes);
    using cache = fixture.open();
    expect(fixture.notices).toHaveLength(0);
    expect(cache.missing(SCOPE, many)).toEqual(many);
    expect(fixture.notices).toHaveLength(1);
    cache.put(SCOPE, many, matrix(many.length));
    expect(cache.missing(SCOPE, many)).toEqual([]);
    expect(existsSync(fixture.file)).toBe(true);
  });

  test("of another format is not read as this one", () => {
    using fixture = new Fixture();
    {
      using database = new Database(fixture.file, { create: true });
      database.run("PRAGMA user_version = 99");
    }
    using cache = fixture.open();
    expect(fixture.notices[0]).toContain("it has format 99");
    expect(cache.missing(SCOPE, TEXTS)).toEqual(TEXTS);
  });

  test("that cannot be opened at all is an error that names it", () => {
    using fixture = new Fixture();
    mkdirSync(fixture.file);
    let error: unknown;
    try {
      fixture.open();
    } catch (caught) {
      error = caught;
    }
    expect(isPatinaError(error, "IO")).toBe(true);
    expect(error).toMatchObject({ details: { file: fixture.file } });
  });
});
