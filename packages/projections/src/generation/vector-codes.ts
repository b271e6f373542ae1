import { existsSync } from "node:fs";
import { join } from "node:path";
import { VectorIndex, type VectorIndexFiles, writeCodes } from "@patina/native";
import { healable } from "./healable.ts";
import { CODES, type Manifest, VECTORS } from "./manifest.ts";

/** What {@link writeVectorCodes} needs. */
export interface CodesRequest {
  readonly directory: string;
  readonly rows: number;
  readonly dimension: number;
  /** The rows that are not what they were, from 1, where the directory has a copy of the codes of the generation before. */
  readonly changed: readonly number[];
}

/** Writes the codes of a generation's vectors, or brings the copy up to date, down to the disk. */
export async function writeVectorCodes({ directory, rows, dimension, changed }: CodesRequest): Promise<void> {
  const files = indexFiles(directory, rows, dimension);
  const changedRows = Uint32Array.from(changed, (row) => row - 1);
  await writeCodes(files, existsSync(files.codes) ? { changedRows } : {});
}

/** Opens a generation's vectors; that its codes are sound is known. */
export function openVectors(directory: string, { counts, dimension }: Manifest): VectorIndex {
  return healable(() => new VectorIndex(indexFiles(directory, counts.rows, dimension)));
}

function indexFiles(directory: string, rows: number, dimension: number): VectorIndexFiles {
  return { floats: join(directory, VECTORS), codes: join(directory, CODES), rows, dimension };
}
