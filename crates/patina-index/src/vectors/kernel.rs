//! The dot product of a row's codes with a query's: whole numbers, so every path gives the same result.

/// A way to compute it, chosen once a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// What the compiler makes of it for any processor of the architecture; NEON on ARM.
    Portable,
    /// Sixteen codes an instruction.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Thirty-two codes an instruction that multiplies and adds.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
}

impl Kernel {
    /// Those that this processor can run, the fastest last.
    pub(super) fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "one kernel there"))]
        let mut kernels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                kernels.push(Self::Avx2);
            }
            if std::arch::is_x86_feature_detected!("avx512bw") && std::arch::is_x86_feature_detected!("avx512vnni") {
                kernels.push(Self::Avx512Vnni);
            }
        }
        kernels
    }

    /// The fastest of this processor.
    pub(super) fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self::Portable)
    }

    /// Σ `codes[i] · query[i]`, codes being signed bytes. The caller sees to it that no sum leaves 32 bits.
    pub(super) fn dot(self, codes: &[u8], query: &[i16]) -> i32 {
        match self {
            Self::Portable => sum_of_products(codes, query),
            // SAFETY: `available` gives this kernel only where the processor has what it is compiled for.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { dot_avx2(codes, query) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => unsafe { dot_avx512(codes, query) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(codes: &[u8], query: &[i16]) -> i32 {
    sum_of_products(codes, query)
}

/// Written out: of the plain loop the compiler makes something that takes two to three times as long (15 ns in place of 6 for
/// 256 codes in the cache).
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn dot_avx512(codes: &[u8], query: &[i16]) -> i32 {
    use std::arch::x86_64::{
        _mm256_loadu_si256, _mm512_add_epi32, _mm512_cvtepi8_epi16, _mm512_dpwssd_epi32, _mm512_loadu_si512,
        _mm512_reduce_add_epi32, _mm512_setzero_si512,
    };
    const HALF: usize = 32;
    let shared = codes.len().min(query.len());
    let (code_blocks, code_rest) = codes[..shared].as_chunks::<{ 2 * HALF }>();
    let (query_blocks, query_rest) = query[..shared].as_chunks::<{ 2 * HALF }>();
    let mut sums = [_mm512_setzero_si512(); 2];
    for (codes, query) in code_blocks.iter().zip(query_blocks) {
        for (half, sum) in sums.iter_mut().enumerate() {
            // SAFETY: 32 bytes and 32 numbers from the start of either half lie within the block; the loads ask for no
            // alignment.
            let (codes, query) = unsafe {
                let codes = _mm256_loadu_si256(codes.as_ptr().add(half * HALF).cast());
                (codes, _mm512_loadu_si512(query.as_ptr().add(half * HALF).cast()))
            };
            *sum = _mm512_dpwssd_epi32(*sum, _mm512_cvtepi8_epi16(codes), query);
        }
    }
    _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1])) + sum_of_products(code_rest, query_rest)
}

/// A plain loop: the compiler makes multiply-and-add instructions of it for each of the callers.
#[inline(always)]
#[expect(clippy::inline_always, reason = "has to be compiled with the features of its caller")]
fn sum_of_products(codes: &[u8], query: &[i16]) -> i32 {
    codes.iter().zip(query).map(|(&code, &value)| i32::from(code.cast_signed()) * i32::from(value)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_kernel_of_this_processor_gives_the_same(
            (codes, query) in (0_usize..400).prop_flat_map(|length| {
                (vec(any::<u8>(), length), vec(-16_000_i16..=16_000, length))
            }),
            offset in 0_usize..8,
        ) {
            let offset = offset.min(codes.len());
            let expected: i64 =
                codes[offset..].iter().zip(&query).map(|(&code, &value)| i64::from(code as i8) * i64::from(value)).sum();
            for kernel in Kernel::available() {
                prop_assert_eq!(i64::from(kernel.dot(&codes[offset..], &query)), expected, "{:?}", kernel);
            }
        }
    }
}
