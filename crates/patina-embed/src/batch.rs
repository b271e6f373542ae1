//! Ragged texts to right-padded batches: sorted by length, cut by a budget of padded tokens.

use crate::tokenizer::Tokens;

/// A right-padded batch, row-major `[rows × width]`. Padding has mask 0 and comes last in every row, so that graphs
/// which count positions themselves (BERT exports, grouped-query attention) see real tokens first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaddedBatch {
    /// Token ids, `[rows × width]`.
    pub ids: Vec<i64>,
    /// 1 for a real token, 0 for padding, `[rows × width]`.
    pub mask: Vec<i64>,
    /// Real tokens of each row, `[rows]`.
    pub lengths: Vec<usize>,
    /// Tokens a row has, padding included.
    pub width: usize,
}

impl PaddedBatch {
    /// Pads `texts` to the longest of them.
    #[must_use]
    pub fn new<'tokens>(texts: impl ExactSizeIterator<Item = &'tokens Tokens> + Clone, pad_id: u32) -> Self {
        let lengths: Vec<usize> = texts.clone().map(|text| text.ids.len()).collect();
        let width = lengths.iter().copied().max().unwrap_or(0);
        let mut ids = Vec::with_capacity(lengths.len() * width);
        let mut mask = Vec::with_capacity(lengths.len() * width);
        for text in texts {
            let padding = width - text.ids.len();
            ids.extend(text.ids.iter().map(|&id| i64::from(id)));
            ids.extend(std::iter::repeat_n(i64::from(pad_id), padding));
            mask.extend(std::iter::repeat_n(1, text.ids.len()));
            mask.extend(std::iter::repeat_n(0, padding));
        }
        Self { ids, mask, lengths, width }
    }

    /// Texts in the batch.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }
}

/// Which texts run together: indices into `lengths`, longest texts first, each batch as large as `fits(rows, width)`
/// lets it be (a text that does not fit even alone still gets a batch of its own).
///
/// Longest first keeps the last batches short, so that workers finish at about the same time.
///
/// ```
/// use patina_embed::batch::plan;
/// // Texts of 3, 9, 4 and 8 tokens, at most 18 padded tokens a batch: 9 with 8, then 4 with 3.
/// let fits = |rows: usize, width: usize| rows * width <= 18;
/// assert_eq!(plan(&[3, 9, 4, 8], fits), [vec![1, 3], vec![2, 0]]);
/// ```
#[must_use]
pub fn plan(lengths: &[usize], fits: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut width = 0;
    for index in order {
        match batches.last_mut() {
            Some(batch) if fits(batch.len() + 1, width) => batch.push(index),
            _ => {
                width = lengths[index];
                batches.push(vec![index]);
            }
        }
    }
    batches
}
