/** Bytes of the header: enough for any number of rows, and a multiple of 64 as the format asks for. */
const HEADER_BYTES = 128;

/**
 * The header of an `.npy` file (format 1.0) of float32 rows:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Its length does not depend on `rows`, so
 * it can be written first and corrected when the number is known.
 */
export function npyHeader(rows: number, dimension: number): Uint8Array {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dimension}), }`;
  const header = Buffer.alloc(HEADER_BYTES, " ");
  header.set([0x93, ...Buffer.from("NUMPY"), 1, 0]);
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(description, 10, "latin1");
  header[HEADER_BYTES - 1] = 0x0a;
  return header;
}
