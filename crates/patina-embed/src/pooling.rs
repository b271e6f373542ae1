//! Token vectors to one vector a text, then the cut and the length: the only place where pooling is written for
//! vectors in main memory.

use crate::error::{Error, ErrorKind, Result};
use crate::spec::Pooling;

/// Pools one text: `hidden` is `[width × dimension]` of which the first `length` rows are real tokens.
///
/// Sums run in f32 like the reference's; `length` is at least 1 because the tokenizer adds special tokens.
pub fn pool(hidden: &[f32], dimension: usize, length: usize, pooling: Pooling, out: &mut [f32]) {
    let token = |index: usize| &hidden[index * dimension..(index + 1) * dimension];
    match pooling {
        Pooling::Cls => out.copy_from_slice(token(0)),
        Pooling::Last => out.copy_from_slice(token(length - 1)),
        Pooling::Mean => {
            out.copy_from_slice(token(0));
            for index in 1..length {
                for (sum, value) in out.iter_mut().zip(token(index)) {
                    *sum += value;
                }
            }
            let count = length as f32;
            for sum in out {
                *sum /= count;
            }
        }
    }
}

/// Checks that every number is finite and, where asked, brings the vector to unit length.
///
/// # Errors
/// [`ErrorKind::NonFinite`] for NaN, infinity, or a vector of length zero that should have unit length.
pub fn finish(vector: &mut [f32], normalize: bool) -> Result<()> {
    if let Some(position) = vector.iter().position(|value| !value.is_finite()) {
        return Err(Error::new(
            ErrorKind::NonFinite,
            format!("the model's output is {} at position {position} of the vector", vector[position]),
        ));
    }
    if !normalize {
        return Ok(());
    }
    // In f64: the squares of a float16 model's outputs can pass f32's range.
    let norm = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
    if norm == 0.0 {
        return Err(Error::new(ErrorKind::NonFinite, "the model's output is a vector of length zero"));
    }
    for value in vector {
        *value = (f64::from(*value) / norm) as f32;
    }
    Ok(())
}
