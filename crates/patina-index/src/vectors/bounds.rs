//! Between which bounds a row's score lies, said from its record alone.
//!
//! With the row `x`, its record's `x̂ = s·c` and `‖x − x̂‖ ≤ r`, and the query `q` as `q̂ = t·d`, Cauchy and Schwarz give
//! `|q·x − s·t·(c·d)| = |(q − q̂)·x̂ + q·(x − x̂)| ≤ ‖q − q̂‖·‖x̂‖ + ‖q‖·r`. What float32 loses is added, because the score
//! that counts is the one that `patina_similarity::dot` computes.

use super::kernel::Kernel;
use super::record::{Record, UNIT_TOLERANCE};
use crate::error::{Error, Result};

/// Most numbers of a vector: the query's codes keep eight bits or more then.
pub(super) const MOST_DIMENSIONS: usize = 65_536;

/// Longest query: products with unit vectors stay within float32.
const LONGEST: f64 = 1e38;

/// Of the query's residual, as it is computed in float64.
const RESIDUAL_SLACK: f64 = 1.0 + 1e-9;

/// A query in whole numbers. They have 16 bits and not 8: the memory that a search waits for is the rows', so that they cost
/// little, and what they leave of the query is too small to matter.
pub(super) struct Query<'a> {
    /// `[dimension]`
    pub numbers: &'a [f32],
    codes: Vec<i16>,
    scale: f64,
    length: f64,
    residual: f64,
    /// Rounding of a score and of its bounds in float32.
    rounding: f64,
    kernel: Kernel,
}

/// A row's score is not below the one and not above the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub lower: f32,
    pub upper: f32,
}

impl<'a> Query<'a> {
    /// The query as it is held against records, or why it cannot be.
    pub(super) fn new(numbers: &'a [f32], kernel: Kernel) -> Result<Self> {
        let length = numbers.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        if length.is_nan() || length > LONGEST {
            return Err(Error::new("the query holds a number that is not finite, or is too long a vector"));
        }
        // No sum of `dimension` products with codes of up to 128 leaves 32 bits.
        let most = i32::MAX as usize / (128 * numbers.len().max(1));
        let most = most.min(i16::MAX as usize) as f64;
        let largest = numbers.iter().fold(0.0_f32, |largest, &value| largest.max(value.abs()));
        let scale = f64::from(largest) / most;
        let code = |&value: &f32| if scale == 0.0 { 0 } else { (f64::from(value) / scale).round() as i16 };
        let codes: Vec<i16> = numbers.iter().map(code).collect();
        let off =
            numbers.iter().zip(&codes).map(|(&value, &code)| (f64::from(value) - scale * f64::from(code)).powi(2));
        let residual = off.sum::<f64>().sqrt() * RESIDUAL_SLACK;
        // Each of the additions in a dot product rounds by at most 2^-24 of the sum of the magnitudes, which is at most the
        // length of the query; as much again, and some, for the bounds. Below the normal numbers it is an absolute amount.
        let roundings = numbers.len() as f64 + 16.0;
        let rounding = roundings * (length * 2.0_f64.powi(-23) + f64::from(f32::MIN_POSITIVE));
        Ok(Self { numbers, codes, scale, length, residual, rounding, kernel })
    }

    /// Of the score of the row that a record stands for.
    pub(super) fn bounds(&self, record: Record<'_>) -> Bounds {
        let (scale, residual) = (f64::from(record.scale), f64::from(record.residual));
        let estimate = self.scale * scale * f64::from(self.kernel.dot(record.codes, &self.codes));
        let row_length = 1.0 + UNIT_TOLERANCE + residual;
        let width = self.residual * row_length + self.length * residual + self.rounding;
        Bounds { lower: (estimate - width) as f32, upper: (estimate + width) as f32 }
    }
}

#[cfg(test)]
mod tests {
    use patina_similarity::{dot, normalize};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::record::{quantize, size};

    /// Rows that use the bounds up: any; of one magnitude, which codes give all but exactly; a single number.
    fn rows() -> impl Strategy<Value = Vec<f32>> {
        (vec(-1.0_f32..1.0, 2..100), 0..3, any::<prop::sample::Index>()).prop_map(|(mut row, kind, index)| {
            if kind == 1 {
                row = row.iter().map(|value| value.signum()).collect();
            }
            if kind == 2 {
                let index = index.index(row.len());
                row.fill(0.0);
                row[index] = 1.0;
            }
            row[0] += f32::from(u8::from(row.iter().all(|&value| value == 0.0)));
            normalize(&mut row);
            row
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn a_score_lies_between_its_bounds(
            (row, free) in rows().prop_flat_map(|row| (Just(row.clone()), vec(-1.0_f32..1.0, row.len()))),
            kind in 0..3,
            exponent in prop_oneof![Just(0), -44_i32..37],
        ) {
            let mut bytes = vec![0; size(row.len())];
            prop_assert!(quantize(&row, &mut bytes));
            let record = Record::read(&bytes);
            let left_out = |(&value, &code): (&f32, &u8)| value - record.scale * f32::from(code.cast_signed());
            let mut query: Vec<f32> = match kind {
                0 => free,
                // Along what the codes leave out of the row: nothing is worse.
                1 => row.iter().zip(record.codes).map(left_out).collect(),
                // Its own codes leave nothing out, so that rounding is all there is.
                _ => free.iter().map(|value| value.signum()).collect(),
            };
            normalize(&mut query);
            let query: Vec<f32> = query.iter().map(|value| value * 10.0_f32.powi(exponent)).collect();
            let score = dot(&row, &query);
            let bounds = Query::new(&query, Kernel::fastest()).map(|query| query.bounds(record)).map_err(|error| {
                TestCaseError::fail(error.to_string())
            })?;
            prop_assert!(bounds.lower <= score && score <= bounds.upper, "{} is not within {:?}", score, bounds);
        }
    }
}
