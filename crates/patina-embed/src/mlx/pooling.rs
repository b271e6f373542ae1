//! Token vectors to one vector of unit length a text, on the device: what [`crate::pooling`] does in main memory, so that
//! only one vector a text has to be copied.

use mlx_rs::ops::indexing::TryIndexOp;
use mlx_rs::{Array, Dtype, ops};

use super::inputs::Inputs;
use crate::spec::Pooling;

/// Pools `hidden [rows, width, numbers]` and brings each vector to unit length where `normalize` says so: float32,
/// `[rows, numbers]`, row by row in memory. A vector of length zero stays one.
pub(super) fn pool(hidden: &Array, inputs: &Inputs, pooling: Pooling, normalize: bool) -> mlx_rs::error::Result<Array> {
    let pooled = match pooling {
        Pooling::Cls => hidden.try_index((.., 0))?.as_dtype(Dtype::Float32)?,
        Pooling::Last => {
            let last: Vec<i32> = inputs.lengths.iter().map(|length| length - 1).collect();
            let last = Array::from_slice(&last, &[inputs.rows, 1, 1]);
            hidden.take_along_axis(last, 1)?.squeeze_axes(&[1])?.as_dtype(Dtype::Float32)?
        }
        Pooling::Mean => {
            let hidden = hidden.as_dtype(Dtype::Float32)?;
            let real = match &inputs.mask {
                Some(mask) => {
                    let mask = mask.reshape(&[inputs.rows, inputs.width, 1])?;
                    // Chosen, not multiplied by 0: whatever padding has computed to, NaN included, is left out.
                    ops::select(mask, hidden, Array::from_f32(0.0))?
                }
                None => hidden,
            };
            let counts: Vec<f32> = inputs.lengths.iter().map(|&length| length as f32).collect();
            real.sum_axis(1, false)?.divide(Array::from_slice(&counts, &[inputs.rows, 1]))?
        }
    };
    if !normalize {
        // First tokens are a view into all of them, and rows are copied out of one block.
        return pooled.contiguous();
    }
    // Never divided by 0. By the largest number first: the squares of what bfloat16 holds can pass float32's range.
    let at_least = |length: Array| ops::maximum(length, Array::from_f32(f32::MIN_POSITIVE));
    let pooled = pooled.divide(at_least(pooled.abs()?.max_axis(-1, true)?)?)?;
    let length = pooled.square()?.sum_axis(-1, true)?.sqrt()?;
    pooled.divide(at_least(length)?)?.contiguous()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use mlx_rs::transforms;
    use proptest::prelude::*;

    use super::*;
    use crate::batch::PaddedBatch;
    use crate::embeddings::TextReport;
    use crate::pooling;
    use crate::tokenizer::Tokens;

    /// Numbers of a vector.
    const DIMENSION: usize = 5;

    /// Two sums of the same numbers in other orders, of elements of vectors of unit length.
    const FLOAT32: f32 = 1e-5;

    /// Texts of these lengths, padded to the longest.
    fn batch(lengths: &[usize]) -> PaddedBatch {
        let tokens: Vec<Tokens> =
            lengths.iter().map(|&length| Tokens { ids: vec![0; length], report: TextReport::default() }).collect();
        PaddedBatch::new(tokens.iter(), 0)
    }

    /// `hidden` with NaN in place of what is padding.
    fn with_padding(batch: &PaddedBatch, numbers: impl Fn(usize) -> f32) -> Vec<f32> {
        let token = |at: usize| at / DIMENSION;
        let number = |at: usize| if batch.mask[token(at)] == 0 { f32::NAN } else { numbers(at) };
        (0..batch.mask.len() * DIMENSION).map(number).collect()
    }

    fn lengths() -> impl Strategy<Value = Vec<usize>> {
        // Ragged, and of one length: then there is no mask.
        prop_oneof![
            prop::collection::vec(1_usize..40, 1..6),
            (1_usize..40, 1_usize..6).prop_map(|(length, rows)| vec![length; rows]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        /// Both poolings give the same vector, or find the same text to have none.
        #[test]
        fn the_device_pools_as_main_memory_does(
            lengths in lengths(),
            numbers in prop::collection::vec(-1.0_f32..1.0, 97),
            exponent in -30..30_i32,
            pooling in prop::sample::select(vec![Pooling::Mean, Pooling::Cls, Pooling::Last]),
            dtype in prop::sample::select(vec![Dtype::Float32, Dtype::Float16, Dtype::Bfloat16]),
            normalize: bool,
        ) {
            let batch = batch(&lengths);
            let (rows, width) = (batch.rows(), batch.width);
            // What float16 cannot hold becomes infinity or zero, in which the two have to agree as well.
            let scale = 10_f32.powi(exponent);
            let hidden = with_padding(&batch, |at| numbers[at % numbers.len()] * scale);
            let hidden = Array::from_slice(&hidden, &[rows as i32, width as i32, DIMENSION as i32]);
            let hidden = hidden.as_dtype(dtype).unwrap();
            let rounded = hidden.as_dtype(Dtype::Float32).unwrap();

            let inputs = Inputs::new(&batch, 1).unwrap();
            let pooled = pool(&hidden, &inputs, pooling, normalize).unwrap();
            transforms::eval([&pooled, &rounded]).unwrap();
            prop_assert_eq!(pooled.shape(), &[rows as i32, DIMENSION as i32]);
            prop_assert_eq!(pooled.dtype(), Dtype::Float32);

            let tokens = rounded.as_slice::<f32>().chunks_exact(width * DIMENSION);
            for ((found, tokens), &length) in pooled.as_slice::<f32>().chunks_exact(DIMENSION).zip(tokens).zip(&lengths) {
                let mut expected = [0.0; DIMENSION];
                pooling::pool(tokens, DIMENSION, length, pooling, &mut expected);
                let largest = expected.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
                let mut found = found.to_vec();
                let (found_end, expected_end) =
                    (pooling::finish(&mut found, normalize), pooling::finish(&mut expected, normalize));
                prop_assert_eq!(found_end.is_ok(), expected_end.is_ok(), "{:?}, {:?}", found_end, expected_end);
                if expected_end.is_ok() {
                    let tolerance = FLOAT32 * if normalize { 1.0 } else { largest };
                    for (one, other) in found.iter().zip(&expected) {
                        prop_assert!((one - other).abs() <= tolerance, "{:?} is not {:?}", found, expected);
                    }
                }
            }
        }
    }
}
