import type { Database } from "bun:sqlite";

interface Text {
  readonly kind: string;
  readonly digest: Uint8Array;
}

/** Keeps `first_row`: where several passages of a kind have the same text, all of them name the first. */
export class Duplicates {
  readonly #database: Database;
  /** By kind and digest, the texts that a row came or went of; null where all have to be looked at. */
  readonly #changed: Map<string, Text> | null;

  /** @param isCopy whether all was right when the file was opened */
  constructor(database: Database, isCopy: boolean) {
    this.#database = database;
    this.#changed = isCopy ? new Map() : null;
  }

  /** Notes that a row of a text came or went. */
  note(kind: string, digest: Uint8Array): void {
    this.#changed?.set(`${kind} ${Buffer.from(digest).toString("hex")}`, { kind, digest });
  }

  /** Brings `first_row` up to date; needs the index of texts. */
  link(): void {
    const link = this.#database.query(
      `UPDATE passages SET first_row = (
         SELECT min(row) FROM passages AS same WHERE same.text_digest = $digest AND same.kind = $kind
       ) WHERE text_digest = $digest AND kind = $kind`,
    );
    for (const { kind, digest } of this.#changed?.values() ?? this.#repeated()) {
      link.run({ $kind: kind, $digest: digest });
    }
  }

  #repeated(): Text[] {
    return this.#database
      .query<Text, []>(
        "SELECT kind, text_digest AS digest FROM passages GROUP BY text_digest, kind HAVING count(*) > 1",
      )
      .all();
  }
}
