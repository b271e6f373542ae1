//! How many tokens texts have, before anything is cut or put around them.

use tokenizers::{Model, OffsetReferential, OffsetType, PreTokenizer};

use super::{Tokenizer, guarded};
use crate::error::Result;

/// Bytes of a text that are tokenized at once: a tokenizer takes a hundred times as much memory as its text.
const BLOCK: usize = 64 << 10;

impl Tokenizer {
    /// The tokens of a text as it is: no special tokens, no template, nothing cut off. Special tokens that it spells out
    /// are taken as in [`Tokenizer::encode`].
    ///
    /// A text of more than 64 KiB is counted in blocks that end between two words, where no tokenizer joins anything.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where the tokenizer refuses the text.
    pub fn count(&self, text: &str) -> Result<u32> {
        let mut rest = text;
        let mut count = 0_usize;
        while !rest.is_empty() {
            let (block, after) = rest.split_at(end_of_block(rest));
            count += guarded(|| self.count_block(block))?;
            rest = after;
        }
        Ok(count as u32)
    }

    /// The steps of an encoding up to the tokens: what comes after them adds special tokens and keeps what the model takes.
    fn count_block(&self, block: &str) -> tokenizers::Result<usize> {
        let inner = &self.inner;
        let mut parts = inner.get_added_vocabulary().extract_and_normalize(inner.get_normalizer(), block);
        if let Some(pre_tokenizer) = inner.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut parts)?;
        }
        parts.tokenize(|part| inner.get_model().tokenize(part.get()))?;
        let parts = parts.get_splits(OffsetReferential::Normalized, OffsetType::None);
        Ok(parts.iter().filter_map(|(_, _, tokens)| tokens.as_ref()).map(Vec::len).sum())
    }
}

/// Where to end a block: before a space between two letters or digits, else with the text.
fn end_of_block(text: &str) -> usize {
    if text.len() <= BLOCK {
        return text.len();
    }
    let bytes = text.as_bytes();
    (BLOCK..text.len() - 1)
        .find(|&at| bytes[at] == b' ' && bytes[at - 1].is_ascii_alphanumeric() && bytes[at + 1].is_ascii_alphanumeric())
        .unwrap_or(text.len())
}
