/** Bytes of a block: large enough that telling a thread of it costs little beside digesting it. */
export const BLOCK_BYTES: number = 2 << 20;
/** One is filled, one is written and one digested at the same time; the fourth keeps each from waiting for another. */
const BLOCKS = 4;

/** A stretch of a file on its way, in memory that a thread can read as well. */
export class Block {
  /** Where it is in the shared memory. */
  readonly start: number;
  /** A `Buffer`, since that is what all of Node's calls take over shared memory. */
  readonly bytes: Buffer;
  /** So many of its bytes hold something. */
  filled = 0;
  /** So many of them are on their way no more: the file has them. */
  written = 0;
  digested = false;

  constructor(memory: SharedArrayBuffer, start: number) {
    this.start = start;
    this.bytes = Buffer.from(memory, start, BLOCK_BYTES);
  }

  get full(): boolean {
    return this.filled === BLOCK_BYTES;
  }

  /** Takes as much of a chunk as fits and returns how much that was. */
  take(chunk: Uint8Array): number {
    const part = chunk.subarray(0, BLOCK_BYTES - this.filled);
    this.bytes.set(part, this.filled);
    this.filled += part.length;
    return part.length;
  }
}

/**
 * The few blocks through which a whole file passes, over and over: what a download holds does not depend on the file's
 * size, nor on when the runtime collects the chunks it made.
 */
export class Blocks {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(BLOCKS * BLOCK_BYTES);
  readonly #free: Block[];
  /** In the order of the file; all but the last are full. */
  #used: Block[] = [];

  constructor() {
    this.#free = Array.from({ length: BLOCKS }, (_, index) => new Block(this.memory, index * BLOCK_BYTES));
  }

  /** The block to fill next; nothing while all are in use. */
  open(): Block | undefined {
    const last = this.#used.at(-1);
    if (last !== undefined && !last.full) return last;
    const block = this.#free.pop();
    if (block !== undefined) this.#used.push(block);
    return block;
  }

  /** The first block that holds what the file does not have yet. */
  unwritten(): Block | undefined {
    return this.#used.find(({ written, filled }) => written < filled);
  }

  /** The last block, where it is not full. */
  tail(): Block | undefined {
    return this.#used.find(({ full }) => !full);
  }

  /** Makes room of what is written and digested. */
  release(): void {
    const done = this.#used.filter(
      ({ full, written, filled, digested }) => full && written === filled && digested,
    );
    if (done.length === 0) return;
    this.#used = this.#used.filter((block) => !done.includes(block));
    for (const block of done) {
      block.filled = 0;
      block.written = 0;
      block.digested = false;
      this.#free.push(block);
    }
  }
}
