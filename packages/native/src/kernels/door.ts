/** The kernels that have two doors. Arguments have been checked before they come here. */
export interface KernelDoor {
  dot(left: Float32Array, right: Float32Array): number;
  cosine(left: Float32Array, right: Float32Array): number;
  normalize(vector: Float32Array): void;
}
