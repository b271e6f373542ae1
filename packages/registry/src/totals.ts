import type { AddTotals } from "./add-report.ts";

/** Adds up how far the files of one variant are. */
export class Totals {
  readonly #files = new Map<string, { bytes: number; total: number | null; done: boolean }>();

  /** Each file with its size, where that is known. */
  constructor(files: readonly { path: string; size: number | undefined }[]) {
    for (const { path, size } of files) this.#files.set(path, { bytes: 0, total: size ?? null, done: false });
  }

  /** Notes the bytes of a file that have arrived. */
  note(path: string, bytes: number, total: number | null): void {
    this.#files.set(path, { bytes, total: total ?? this.#files.get(path)?.total ?? null, done: false });
  }

  /** Notes that a file of this size is there. */
  finish(path: string, size: number): void {
    this.#files.set(path, { bytes: size, total: size, done: true });
  }

  /** How far all of them are. */
  get now(): AddTotals {
    const files = [...this.#files.values()];
    const totals = files.map(({ total }) => total).filter((total) => total !== null);
    return {
      done: files.filter(({ done }) => done).length,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      total: totals.length === files.length ? totals.reduce((sum, total) => sum + total, 0) : null,
    };
  }
}
