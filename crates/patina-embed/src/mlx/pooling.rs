//! Token vectors to one vector of unit length a text, on the device: what [`crate::pooling`] does in main memory, so that
//! only one vector a text has to be copied.

use mlx_rs::ops::indexing::TryIndexOp;
use mlx_rs::{Array, Dtype, ops};

use super::inputs::Inputs;
use crate::spec::Pooling;

/// Pools `hidden [rows, width, numbers]` and brings each vector to unit length where `normalize` says so: float32,
/// `[rows, numbers]`. A vector of length zero stays one.
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
        return Ok(pooled);
    }
    let squares = pooled.square()?.sum_axis(-1, true)?;
    let length = ops::maximum(squares.sqrt()?, Array::from_f32(f32::MIN_POSITIVE))?;
    pooled.divide(length)
}
