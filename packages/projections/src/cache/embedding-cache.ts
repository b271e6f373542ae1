import type { Database, Statement } from "bun:sqlite";
import { type EmbeddingMatrix, PatinaError } from "@patina/core";
import { isDamage, sqliteCode } from "../generation/sqlite-errors.ts";
import { cacheError, moveAside, type Notice, openCacheDatabase } from "./cache-database.ts";

/** One cached text: its vector at the model's full dimension, and what the engine said of the text. */
export interface CachedEmbedding {
  readonly vector: Float32Array;
  readonly tokens: number;
  readonly truncated: boolean;
}

/** Whose vectors: an encoder and the length of its full vectors. */
export interface CacheScope {
  readonly encoderId: string;
  readonly dimension: number;
}

interface Row {
  tokens: number;
  truncated: number;
  checksum: number;
  vector: Uint8Array;
}

/**
 * Vectors of texts that were embedded before, by encoder and SHA-256 (hex) of the rendered text, template included.
 *
 * Its one writer is an indexing run, which holds the project's lock. Vectors are little-endian float32, as every
 * machine has them that Bun runs on. A file that SQLite finds damaged is moved aside and replaced; a row whose
 * checksum is wrong counts as missing.
 */
export class EmbeddingCache implements Disposable {
  /** Where the cache is. */
  readonly file: string;
  readonly #onNotice: Notice;
  #database: Database;
  #select: Statement<Row>;
  #insert: Statement;

  constructor(file: string, onNotice: Notice) {
    this.file = file;
    this.#onNotice = onNotice;
    this.#database = openCacheDatabase(file, onNotice);
    [this.#select, this.#insert] = prepare(this.#database);
  }

  /** The cached embedding of each text, null where there is none that is sound. */
  get(scope: CacheScope, digests: readonly string[]): (CachedEmbedding | null)[] {
    return this.#withRecovery(() => {
      const encoder = this.#encoder(scope);
      return digests.map((digest) => {
        const key = Buffer.from(digest, "hex");
        const row = this.#select.get(encoder, key);
        return row === null ? null : readRow(row, key, scope.dimension);
      });
    });
  }

  /** Those of `digests` that have no sound embedding, in their order. */
  missing(scope: CacheScope, digests: readonly string[]): string[] {
    const found = this.get(scope, digests);
    return digests.filter((_, index) => found[index] === null);
  }

  /** Stores row i of the matrix for text i; all of them are committed when it returns. */
  put(scope: CacheScope, digests: readonly string[], matrix: EmbeddingMatrix): void {
    if (matrix.rows !== digests.length || matrix.dimension !== scope.dimension) {
      throw new PatinaError(
        "INTERNAL",
        `the engine gave ${matrix.rows} vectors of ${matrix.dimension} numbers for ${digests.length} texts, ` +
          `${scope.dimension} numbers each were due`,
      );
    }
    this.#withRecovery(() => {
      const encoder = this.#encoder(scope);
      this.#database.transaction(() => {
        for (const [index, digest] of digests.entries()) this.#putRow(encoder, digest, matrix, index);
      })();
    });
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #putRow(encoder: number, digest: string, matrix: EmbeddingMatrix, index: number): void {
    const { vector, tokens, truncated } = matrix.at(index);
    if (!vector.every(Number.isFinite)) {
      throw new PatinaError("NON_FINITE", `the model gave NaN or infinity for text ${index}`, { index });
    }
    const key = Buffer.from(digest, "hex");
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    this.#insert.run(encoder, key, tokens, truncated ? 1 : 0, checksum(key, tokens, truncated, bytes), bytes);
  }

  #encoder({ encoderId }: CacheScope): number {
    const known = this.#database.query("SELECT id FROM encoders WHERE encoder_id = ?").get(encoderId);
    if (known !== null) return (known as { id: number }).id;
    return Number(
      this.#database.query("INSERT INTO encoders (encoder_id) VALUES (?)").run(encoderId).lastInsertRowid,
    );
  }

  /** Damage may show itself in any page that is read: then the file is replaced and the work done on the new one. */
  #withRecovery<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw cacheError(error, this.file);
      this.#database.close();
      moveAside(this.file, sqliteCode(error) ?? "damaged", this.#onNotice);
      this.#database = openCacheDatabase(this.file, this.#onNotice);
      [this.#select, this.#insert] = prepare(this.#database);
    }
    try {
      return work();
    } catch (error) {
      throw cacheError(error, this.file);
    }
  }
}

function prepare(database: Database): [Statement<Row>, Statement] {
  return [
    database.query<Row, [number, Uint8Array]>(
      "SELECT tokens, truncated, checksum, vector FROM embeddings WHERE encoder = ? AND text_digest = ?",
    ),
    database.query(
      "INSERT OR REPLACE INTO embeddings (encoder, text_digest, tokens, truncated, checksum, vector) " +
        "VALUES (?, ?, ?, ?, ?, ?)",
    ),
  ];
}

function readRow(row: Row, key: Uint8Array, dimension: number): CachedEmbedding | null {
  const { tokens, vector: bytes } = row;
  const truncated = row.truncated === 1;
  const sound =
    bytes.byteLength === dimension * Float32Array.BYTES_PER_ELEMENT &&
    row.checksum === checksum(key, tokens, truncated, bytes);
  if (!sound) return null;
  return { vector: new Float32Array(bytes.buffer, bytes.byteOffset, dimension), tokens, truncated };
}

/** CRC-32 over the key and all that is stored under it: SQLite itself does not notice a changed bit in a value. */
function checksum(key: Uint8Array, tokens: number, truncated: boolean, vector: Uint8Array): number {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(tokens, 0);
  head.writeUInt32LE(truncated ? 1 : 0, 4);
  return Bun.hash.crc32(vector, Bun.hash.crc32(head, Bun.hash.crc32(key)));
}
