//! Kernels on typed arrays over N-API. They are synchronous: each takes less time than a promise would add.
//!
//! The TypeScript front has checked types and lengths. Nothing here keeps a slice beyond its call.

use napi::bindgen_prelude::{Float32ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use patina_embed::similarity;

/// Sum of the products of two vectors of equal length.
#[napi(catch_unwind)]
pub fn dot(left: &[f32], right: &[f32]) -> f64 {
    f64::from(similarity::dot(left, right))
}

/// Cosine of the angle between two vectors of equal length.
#[napi(catch_unwind)]
pub fn cosine(left: &[f32], right: &[f32]) -> f64 {
    f64::from(similarity::cosine(left, right))
}

/// Brings a vector to unit length, in place.
#[napi(catch_unwind)]
pub fn normalize(mut vector: Float32ArraySlice) {
    // SAFETY: JavaScript waits for this call, and no other argument can share the memory.
    similarity::normalize(unsafe { vector.as_mut() });
}

/// Fills `rows` and `scores` with the best rows of `matrix`, best first, and returns how many there are.
#[napi(catch_unwind)]
pub fn top_k(
    matrix: &[f32],
    query: &[f32],
    allowed: Option<&[u8]>,
    mut rows: Uint32ArraySlice,
    mut scores: Float32ArraySlice,
) -> u32 {
    let best = similarity::top_k(matrix, query, rows.len().min(scores.len()), allowed);
    // SAFETY: JavaScript waits for this call, and the inputs, which the caller may have made share memory with these,
    // are read no more.
    let (rows, scores) = unsafe { (rows.as_mut(), scores.as_mut()) };
    for ((row, score), found) in rows.iter_mut().zip(scores).zip(&best) {
        *row = found.row;
        *score = found.score;
    }
    best.len() as u32
}
