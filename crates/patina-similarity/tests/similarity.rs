//! The kernels against plain references in double precision.

use patina_similarity::{Scored, cosine, dot, normalize, top_k};
use proptest::collection::vec;
use proptest::prelude::*;

fn reference_dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// What single precision may lose: each of `n` additions rounds by at most 2^-24 of the sum of the magnitudes.
fn rounding(left: &[f32], right: &[f32]) -> f64 {
    let magnitudes: f64 = left.iter().zip(right).map(|(&a, &b)| (f64::from(a) * f64::from(b)).abs()).sum();
    (left.len() + 1) as f64 * 2.0_f64.powi(-24) * magnitudes
}

/// Two vectors of one length, across the edges of the kernel's blocks.
fn pairs() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    (0_usize..200).prop_flat_map(|length| (vec(-10.0_f32..10.0, length), vec(-10.0_f32..10.0, length)))
}

/// A matrix with its dimension, a query, k, and which rows are allowed. Few distinct numbers, so that scores are exact
/// and many are equal; some rows hold NaN.
fn searches() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, usize, Option<Vec<u8>>)> {
    (1_usize..70, 0_usize..60).prop_flat_map(|(dimension, rows)| {
        let number = prop_oneof![200 => (-2_i8..=2).prop_map(f32::from), 1 => Just(f32::NAN)];
        (
            vec(number, rows * dimension),
            vec((-2_i8..=2).prop_map(f32::from), dimension),
            0_usize..80,
            prop::option::of(vec(0_u8..=2, rows)),
        )
    })
}

/// All rows scored, filtered and sorted.
fn reference_top_k(matrix: &[f32], query: &[f32], k: usize, allowed: Option<&[u8]>) -> Vec<Scored> {
    let mut all: Vec<Scored> = matrix
        .chunks_exact(query.len())
        .enumerate()
        .filter(|(row, _)| allowed.is_none_or(|allowed| allowed[*row] != 0))
        .map(|(row, vector)| Scored { row: row as u32, score: reference_dot(vector, query) as f32 })
        .filter(|scored| !scored.score.is_nan())
        .collect();
    all.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(std::cmp::Ordering::Equal).then(a.row.cmp(&b.row)));
    all.truncate(k);
    all
}

proptest! {
    #[test]
    fn dot_equals_double_precision_within_rounding((left, right) in pairs()) {
        let difference = (f64::from(dot(&left, &right)) - reference_dot(&left, &right)).abs();
        prop_assert!(difference <= rounding(&left, &right), "off by {difference}");
    }

    #[test]
    fn cosine_is_the_dot_product_of_unit_vectors((left, right) in pairs(), exponent in -30_i32..30) {
        let expected = match reference_dot(&left, &left).sqrt() * reference_dot(&right, &right).sqrt() {
            0.0 => 0.0,
            lengths => reference_dot(&left, &right) / lengths,
        };
        prop_assert!((f64::from(cosine(&left, &right)) - expected).abs() < 1e-5);
        // A vector's length does not matter, not even where its square leaves the range of f32.
        let scaled: Vec<f32> = left.iter().map(|value| value * 10.0_f32.powi(exponent)).collect();
        prop_assert!((cosine(&scaled, &right) - cosine(&left, &right)).abs() < 1e-5);
    }

    #[test]
    fn normalize_gives_unit_length_and_keeps_the_direction((vector, _) in pairs(), exponent in -30_i32..30) {
        let mut unit: Vec<f32> = vector.iter().map(|value| value * 10.0_f32.powi(exponent)).collect();
        normalize(&mut unit);
        if vector.iter().any(|value| value.abs() > 1e-3) {
            prop_assert!((reference_dot(&unit, &unit) - 1.0).abs() < 1e-5);
            prop_assert!((cosine(&unit, &vector) - 1.0).abs() < 1e-5);
        } else if vector.iter().all(|&value| value == 0.0) {
            prop_assert_eq!(unit, vector);
        }
    }

    #[test]
    fn top_k_is_the_head_of_a_full_sort((matrix, query, k, allowed) in searches()) {
        let allowed = allowed.as_deref();
        prop_assert_eq!(top_k(&matrix, &query, k, allowed), reference_top_k(&matrix, &query, k, allowed));
    }
}

#[test]
fn equal_scores_come_by_row_and_minus_zero_is_zero() {
    let found = top_k(&[0.0, -1.0, 0.0, 1.0, 0.0], &[-0.0], 4, None);
    assert_eq!(found.iter().map(|scored| scored.row).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn nothing_to_search_is_nothing_found() {
    assert!(top_k(&[], &[1.0], 3, None).is_empty());
    assert!(top_k(&[1.0], &[], 3, None).is_empty());
    assert!(top_k(&[1.0], &[1.0], 0, None).is_empty());
}
