/** What a door into the native kernels offers. Arguments have been checked before they come here. */
export interface KernelDoor {
  dot(left: Float32Array, right: Float32Array): number;
  cosine(left: Float32Array, right: Float32Array): number;
  normalize(vector: Float32Array): void;
  /** Fills `rows` and `scores`, which are as long as k, and returns how many rows there are. */
  topK(
    matrix: Float32Array,
    query: Float32Array,
    allowed: Uint8Array | undefined,
    rows: Uint32Array,
    scores: Float32Array,
  ): number;
}
