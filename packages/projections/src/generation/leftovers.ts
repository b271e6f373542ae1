import type { Passage } from "../sources/passage.ts";
import { sha256 } from "./identity.ts";
import type { StoredPassage } from "./stored-documents.ts";
import type { KeptVector } from "./vectors-file.ts";

/** Where a new passage's vector is found among those of passages that went. */
export interface Leftover extends KeptVector {
  /** Whether only the bodies are equal: the file was renamed, or what stands above the body changed. */
  readonly moved: boolean;
}

/**
 * The vectors of passages that a run takes out, for passages of the same kind that it adds with the same body. A renamed
 * file keeps its vectors so; no vector ever goes to another body. `--full` starts without any, and embeds anew.
 */
export class Leftovers {
  readonly #byText: Map<string, KeptVector> = new Map();
  readonly #byBody: Map<string, KeptVector> = new Map();

  get isEmpty(): boolean {
    return this.#byText.size === 0;
  }

  /** Takes in a passage that goes. */
  add({ row, passage, digest, origin }: StoredPassage): void {
    if (origin === null) return;
    const kept = { row, origin };
    this.#byText.set(`${passage.kind} ${digest}`, kept);
    const body = bodyKey(passage);
    if (body !== null) this.#byBody.set(body, kept);
  }

  /** The vector for a new passage; null where none fits. */
  find(passage: Passage, digest: string): Leftover | null {
    const same = this.#byText.get(`${passage.kind} ${digest}`);
    if (same !== undefined) return { ...same, moved: false };
    const body = bodyKey(passage);
    const moved = body === null ? undefined : this.#byBody.get(body);
    return moved === undefined ? null : { ...moved, moved: true };
  }
}

/** Null where there is no body to know a passage by: what a commit or a pair says is in its title above all. */
function bodyKey({ kind, path, text, bodyStart }: Passage): string | null {
  const body = text.slice(bodyStart);
  return path === null || kind === "pair" || body.trim() === "" ? null : `${kind} ${sha256(body)}`;
}
