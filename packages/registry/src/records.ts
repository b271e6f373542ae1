import { basename, join } from "node:path";
import { type RecordedFile, readRecord } from "./record.ts";
import { subfolders } from "./store.ts";

/** A folder of the store and what it has on record. */
export interface FolderRecord {
  readonly key: string;
  readonly folder: string;
  readonly files: ReadonlyMap<string, RecordedFile>;
}

/** The records of all variants that are on this machine. */
export async function* allRecords(home: string): AsyncGenerator<FolderRecord> {
  for (const model of await subfolders(join(home, "models"))) {
    for (const folder of await subfolders(model)) {
      yield { key: basename(model), folder, files: await readRecord(folder) };
    }
  }
}
