/** One field of NUL-separated output. */
export interface Field {
  /** The bytes; empty when `oversized`. */
  readonly bytes: Buffer;
  /** True when the field was longer than allowed; its bytes were let go. */
  readonly oversized: boolean;
}

/** Splits a stream at its NUL bytes, holding one field at a time and never more than `limit` bytes of it. */
export async function* nulFields(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Field, void> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer) => {
    length += piece.length;
    if (length <= limit) parts.push(piece);
    else parts = [];
  };
  const finish = (): Field => {
    const oversized = length > limit;
    const bytes = oversized ? Buffer.alloc(0) : Buffer.concat(parts);
    parts = [];
    length = 0;
    return { bytes, oversized };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      yield finish();
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}
