//! What the codes file keeps of a row: `dimension` signed bytes, the scale and the residual, both float32, little-endian. The
//! row is about `scale · codes`, and its distance from that is at most the residual.
//!
//! A row's numbers stand together, so that rows can be appended and replaced where they are.

/// Largest code, of either sign.
const LARGEST: f32 = 127.0;

/// How far the length of a row may be from 1: float32 rounding of up to 4,096 squares stays well below.
pub(super) const UNIT_TOLERANCE: f64 = 1e-3;

/// Added and taken away again it rounds a number below 2^22 to a whole one, halves to even, the same on every machine.
const ROUNDER: f32 = 12_582_912.0;

/// Makes up for what is lost where the residual is computed (float64) and stored (float32): it must not be too small.
const RESIDUAL_SLACK: f64 = 1.0 + 1e-6;

/// Sums that do not wait for each other.
const LANES: usize = 8;

/// Bytes of a record.
pub(super) const fn size(dimension: usize) -> usize {
    dimension + 2 * size_of::<f32>()
}

/// A record as it lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// `[dimension]`, signed bytes.
    pub codes: &'a [u8],
    pub scale: f32,
    pub residual: f32,
}

impl<'a> Record<'a> {
    /// The record in its bytes.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let (rest, residual) = bytes.split_last_chunk().unwrap_or((&[], &[0; 4]));
        let (codes, scale) = rest.split_last_chunk().unwrap_or((&[], &[0; 4]));
        Self { codes, scale: f32::from_le_bytes(*scale), residual: f32::from_le_bytes(*residual) }
    }
}

/// Writes the record of a row into `record`; false where the row is neither a unit vector of finite numbers nor all zeros, which is
/// what a row without a vector holds.
#[must_use]
pub(super) fn quantize(row: &[f32], record: &mut [u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { quantize_avx2(row, record) };
    }
    quantize_portable(row, record)
}

/// The same operations in the same order, more at once: without fused ones the result is the same.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn quantize_avx2(row: &[f32], record: &mut [u8]) -> bool {
    quantize_portable(row, record)
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "has to be compiled with the features of its caller")]
fn quantize_portable(row: &[f32], record: &mut [u8]) -> bool {
    // At scale 0 whatever the codes are: the distance from 0.
    let length = squared_distance(row, record, 0.0).sqrt();
    if length == 0.0 {
        record.fill(0);
        return true;
    }
    if length.is_nan() || (length - 1.0).abs() > UNIT_TOLERANCE {
        return false;
    }
    let (codes, rest) = record.split_at_mut(row.len());
    // Not zero: the row has length 1.
    let largest = row.iter().fold(0.0_f32, |largest, &value| largest.max(value.abs()));
    let (scale, inverse) = (largest / LARGEST, LARGEST / largest);
    for (code, &value) in codes.iter_mut().zip(row) {
        let rounded = (value * inverse + ROUNDER) - ROUNDER;
        *code = (rounded as i8).cast_unsigned();
    }
    let residual = (squared_distance(row, codes, scale).sqrt() * RESIDUAL_SLACK) as f32;
    rest[..4].copy_from_slice(&scale.to_le_bytes());
    rest[4..8].copy_from_slice(&residual.to_le_bytes());
    true
}

/// Of a row from `scale · codes`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "has to be compiled with the features of its caller")]
fn squared_distance(row: &[f32], codes: &[u8], scale: f32) -> f64 {
    let square = |value: f32, code: u8| {
        let off = f64::from(value) - f64::from(scale) * f64::from(code.cast_signed());
        off * off
    };
    let (row_blocks, row_rest) = row.as_chunks::<LANES>();
    let (code_blocks, code_rest) = codes[..row.len()].as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for (row, codes) in row_blocks.iter().zip(code_blocks) {
        for lane in 0..LANES {
            sums[lane] += square(row[lane], codes[lane]);
        }
    }
    let rest: f64 = row_rest.iter().zip(code_rest).map(|(&value, &code)| square(value, code)).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_says_how_far_the_row_is_from_it(mut row in vec(-1.0_f32..1.0, 1..300)) {
            patina_similarity::normalize(&mut row);
            prop_assume!(row.iter().any(|&value| value != 0.0));
            let mut bytes = vec![0; size(row.len())];
            prop_assert!(quantize(&row, &mut bytes));
            let record = Record::read(&bytes);
            let off = row.iter().zip(record.codes).map(|(&value, &code)| {
                (f64::from(value) - f64::from(record.scale) * f64::from(code as i8)).powi(2)
            });
            let distance = off.sum::<f64>().sqrt();
            prop_assert!(distance <= f64::from(record.residual));
            prop_assert!(f64::from(record.residual) <= distance * (1.0 + 1e-5));
            // Half a step a number, and a little for the rounding of the step itself.
            let most = f64::from(record.scale) * 0.5 * (1.0 + 1e-4) * (row.len() as f64).sqrt();
            prop_assert!(distance <= most, "{} is more than {}", distance, most);

            let mut portable = vec![0; bytes.len()];
            prop_assert!(quantize_portable(&row, &mut portable));
            prop_assert_eq!(portable, bytes);
        }
    }

    #[test]
    fn what_is_no_unit_vector_has_no_record() {
        for row in [[1e-20, 0.0], [1.0, 0.1], [f32::NAN, 1.0], [f32::INFINITY, 0.0], [0.9, 0.0]] {
            assert!(!quantize(&row, &mut [0; size(2)]), "{row:?}");
        }
        assert!(quantize(&[0.6, -0.8], &mut [0; size(2)]));
        let mut record = [7; size(2)];
        assert!(quantize(&[0.0, -0.0], &mut record));
        assert_eq!(record, [0; size(2)]);
    }
}
