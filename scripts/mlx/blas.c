/*
 * The BLAS routines that MLX calls, forwarded to the OpenBLAS of the scipy-openblas32 wheel, which carries them under a
 * prefix. Linked ahead of MLX this library wins over the reference BLAS of the MLX wheel: 110 instead of 8 GFLOP/s.
 * All arguments are 32-bit enums and integers, scalars and pointers, in the order of the CBLAS standard.
 */
#define GEMM(name, scalar, pointer)                                                                                  \
  void scipy_cblas_##name(int, int, int, int, int, int, scalar, const pointer *, int, const pointer *, int, scalar,   \
                          pointer *, int);                                                                            \
  void cblas_##name(int order, int transpose_a, int transpose_b, int m, int n, int k, scalar alpha,                   \
                    const pointer *a, int lda, const pointer *b, int ldb, scalar beta, pointer *c, int ldc) {         \
    scipy_cblas_##name(order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);                \
  }

GEMM(sgemm, float, float)
GEMM(dgemm, double, double)
GEMM(cgemm, const void *, void)

void scipy_openblas_set_num_threads(int);

/* Its threads spin while they wait for each other: on cores that others use as well, two took ten times as long as one. */
__attribute__((constructor)) static void one_thread(void) { scipy_openblas_set_num_threads(1); }
