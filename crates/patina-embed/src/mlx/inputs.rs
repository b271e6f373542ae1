//! A padded batch as MLX arrays.

use mlx_rs::Array;

use crate::batch::PaddedBatch;
use crate::error::{Error, ErrorKind, Result};

/// What a transformer computes from.
pub(super) struct Inputs {
    /// Token ids, `[rows, width]`.
    pub ids: Array,
    /// True for real tokens, `[rows, 1, 1, width]`; `None` where no row has padding.
    pub mask: Option<Array>,
    /// Real tokens of each row.
    pub lengths: Vec<i32>,
    /// Texts.
    pub rows: i32,
    /// Tokens a row has, padding included.
    pub width: i32,
}

impl Inputs {
    /// Checks that the model has a vector for each id, which MLX does not.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] for an id beyond the `vocabulary`: tokenizer and weights are of different models.
    pub fn new(batch: &PaddedBatch, vocabulary: usize) -> Result<Self> {
        if let Some(id) = batch.ids.iter().find(|&&id| id < 0 || id as usize >= vocabulary) {
            return Err(Error::new(
                ErrorKind::Integrity,
                format!(
                    "the tokenizer gives a token the id {id}, and the model has {vocabulary}; they do not belong together"
                ),
            ));
        }
        let (rows, width) = (batch.rows() as i32, batch.width as i32);
        let ids: Vec<i32> = batch.ids.iter().map(|&id| id as i32).collect();
        let is_ragged = batch.lengths.iter().any(|&length| length < batch.width);
        let mask = is_ragged.then(|| {
            let mask: Vec<bool> = batch.mask.iter().map(|&real| real != 0).collect();
            Array::from_slice(&mask, &[rows, 1, 1, width])
        });
        let lengths = batch.lengths.iter().map(|&length| length as i32).collect();
        Ok(Self { ids: Array::from_slice(&ids, &[rows, width]), mask, lengths, rows, width })
    }
}
