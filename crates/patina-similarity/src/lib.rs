//! Kernels over finished vectors: dot product, cosine, unit length, and the exact best k of a matrix.
//!
//! ```
//! use patina_similarity::{normalize, top_k};
//!
//! let mut matrix = vec![3.0, 4.0, 0.0, 2.0, 5.0, 0.0];
//! matrix.chunks_exact_mut(2).for_each(normalize);
//! let best = top_k(&matrix, &[0.0, 1.0], 2, None);
//! assert_eq!(best.iter().map(|scored| scored.row).collect::<Vec<_>>(), [1, 0]);
//! assert!((best[1].score - 0.8).abs() < 1e-6);
//! ```

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Independent partial sums; the compiler keeps them in vector registers.
const LANES: usize = 32;

/// Sum of the products of two vectors of equal length (the shorter one decides where they differ).
#[must_use]
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { dot_avx2(left, right) };
    }
    dot_portable(left, right)
}

/// AVX-512 was measured as well: a tenth faster on a vector in the cache, the same on a matrix, which waits for memory.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn dot_avx2(left: &[f32], right: &[f32]) -> f32 {
    sum_of_products(left, right, f32::mul_add)
}

fn dot_portable(left: &[f32], right: &[f32]) -> f32 {
    if cfg!(target_arch = "aarch64") {
        return sum_of_products(left, right, f32::mul_add);
    }
    // Without FMA in the baseline, `mul_add` would be a call into the C library.
    sum_of_products(left, right, |a, b, sum| a * b + sum)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "has to be compiled with the features of its caller")]
fn sum_of_products(left: &[f32], right: &[f32], multiply_add: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let shared = left.len().min(right.len());
    let (left_lanes, left_rest) = left[..shared].as_chunks::<LANES>();
    let (right_lanes, right_rest) = right[..shared].as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in left_lanes.iter().zip(right_lanes) {
        for lane in 0..LANES {
            sums[lane] = multiply_add(a[lane], b[lane], sums[lane]);
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Cosine of the angle between two vectors, from -1 to 1; 0 where one has length zero.
#[must_use]
pub fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let (left_square, right_square) = (dot(left, left), dot(right, right));
    let cosine = if left_square.is_normal() && right_square.is_normal() {
        dot(left, right) / (left_square.sqrt() * right_square.sqrt())
    } else {
        let lengths = wide_dot(left, left).sqrt() * wide_dot(right, right).sqrt();
        if lengths == 0.0 { 0.0 } else { (wide_dot(left, right) / lengths) as f32 }
    };
    // Rounding may leave a cosine a little outside.
    cosine.clamp(-1.0, 1.0)
}

/// Brings a vector to unit length; one of length zero stays as it is.
pub fn normalize(vector: &mut [f32]) {
    let square = dot(vector, vector);
    if square.is_normal() {
        let length = square.sqrt();
        for value in vector {
            *value /= length;
        }
        return;
    }
    let length = wide_dot(vector, vector).sqrt();
    if length > 0.0 {
        for value in vector {
            *value = (f64::from(*value) / length) as f32;
        }
    }
}

/// The dot product where single precision runs over or under: squares of numbers from 2e19 and below 1e-19.
fn wide_dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// A row of a matrix and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The row.
    pub row: u32,
    /// Its dot product with the query.
    pub score: f32,
}

/// Ordered so that the heap's top is the entry to give up first: the lowest score and, among equals, the later row.
struct Worst(Scored);

impl Ord for Worst {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.score.total_cmp(&self.0.score).then(self.0.row.cmp(&other.0.row))
    }
}

impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worst {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Worst {}

/// The best `k` of the rows that are offered: the highest scores and, among equals, the earlier rows.
pub struct Best {
    k: usize,
    heap: BinaryHeap<Worst>,
}

impl Best {
    /// Of `k` rows at most, none of which has been offered yet.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// Takes a row if it is among the best so far. One whose score is NaN is not.
    pub fn offer(&mut self, row: u32, score: f32) {
        // Adding 0 makes -0 equal to 0, which the heap's order would tell apart.
        let candidate = Worst(Scored { row, score: score + 0.0 });
        if score.is_nan() || self.k == 0 {
            return;
        }
        if self.heap.len() < self.k {
            self.heap.push(candidate);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    /// What a row has to reach to be among the best, once there are `k` of them; an equal score is enough for an earlier row.
    #[must_use]
    pub fn threshold(&self) -> Option<f32> {
        if self.heap.len() < self.k { None } else { self.heap.peek().map(|worst| worst.0.score) }
    }

    /// The best rows, best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Scored> {
        self.heap.into_sorted_vec().into_iter().map(|entry| entry.0).collect()
    }
}

/// Places in the matrix that are read side by side, and how many numbers ahead of each is fetched. A single core gets
/// nearer to what the memory can deliver that way: 100,000 × 256 took 3.5 ms instead of 7.0.
const STREAMS: usize = 4;
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 1024;

/// The `k` rows of `matrix` (row-major `[rows × query.len()]`) with the largest dot products with `query`, best first,
/// equal scores by row. `allowed` leaves out the rows whose byte is 0. Rows whose score is NaN are left out.
#[must_use]
pub fn top_k(matrix: &[f32], query: &[f32], k: usize, allowed: Option<&[u8]>) -> Vec<Scored> {
    if query.is_empty() || k == 0 {
        return Vec::new();
    }
    let rows = matrix.len() / query.len();
    let mut best = Best::new(k.min(rows));
    let stream = rows.div_ceil(STREAMS);
    for step in 0..stream {
        for row in (step..rows).step_by(stream) {
            if allowed.is_some_and(|allowed| allowed.get(row).is_none_or(|&byte| byte == 0)) {
                continue;
            }
            let vector = &matrix[row * query.len()..][..query.len()];
            fetch_ahead(vector);
            best.offer(row as u32, dot(vector, query));
        }
    }
    best.into_sorted()
}

/// Has the processor fetch what lies [`AHEAD`] of a row.
#[cfg(target_arch = "x86_64")]
fn fetch_ahead(row: &[f32]) {
    use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
    const CACHE_LINE: usize = 64 / size_of::<f32>();
    for line in row.chunks(CACHE_LINE) {
        // SAFETY: a prefetch changes no memory and faults at no address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().wrapping_add(AHEAD).cast()) };
    }
}

/// Stable Rust has no prefetch for this processor; the streams alone have to do.
#[cfg(not(target_arch = "x86_64"))]
fn fetch_ahead(_row: &[f32]) {}
