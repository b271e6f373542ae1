//! Texts to token ids. Truncation comes from the spec and padding from [`crate::batch`]: whatever a `tokenizer.json`
//! bakes in of either is thrown away (all-MiniLM-L6-v2's pads every text to 128).

use std::collections::HashSet;
use std::path::Path;

use tokenizers::{Tokenizer as Inner, TruncationDirection, TruncationParams, TruncationStrategy};

use crate::embeddings::TextReport;
use crate::error::{Error, ErrorKind, Result};
use crate::options::SpecialTokens;

/// A text as the model sees it, special tokens included, never longer than the model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Token ids.
    pub ids: Vec<u32>,
    /// What is to be said of the text.
    pub report: TextReport,
}

/// A model's tokenizer, set up for one engine.
pub struct Tokenizer {
    inner: Inner,
    special_ids: HashSet<u32>,
    pad_id: u32,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] where the file is no tokenizer, [`ErrorKind::SpecInvalid`] where `max_tokens` leaves
    /// no room beside the special tokens.
    pub fn from_file(path: &Path, max_tokens: usize, special_tokens: SpecialTokens) -> Result<Self> {
        let mut inner = Inner::from_file(path).map_err(|source| {
            Error::new(ErrorKind::Integrity, format!("{} is no tokenizer that can be read", path.display()))
                .with_file(path)
                .with_source(source)
        })?;
        let invalid = |source: tokenizers::Error| {
            Error::new(ErrorKind::SpecInvalid, format!("max_tokens {max_tokens} does not fit {}", path.display()))
                .with_file(path)
                .with_source(source)
        };
        // The baked padding names the model's padding token; the mask hides it, so any valid id would do.
        let pad_id = inner.get_padding().map_or_else(
            || ["[PAD]", "<pad>", "<|endoftext|>"].iter().find_map(|token| inner.token_to_id(token)).unwrap_or(0),
            |padding| padding.pad_id,
        );
        inner.with_padding(None);
        inner
            .with_truncation(Some(TruncationParams {
                max_length: max_tokens,
                strategy: TruncationStrategy::LongestFirst,
                stride: 0,
                direction: TruncationDirection::Right,
            }))
            .map_err(invalid)?;
        inner.set_encode_special_tokens(special_tokens == SpecialTokens::Neutralize);
        // An unknown word becomes the unknown token without having spelled it out, so that one is not counted.
        let special_ids = inner
            .get_added_tokens_decoder()
            .iter()
            .filter(|(_, token)| token.special && !["[UNK]", "<unk>"].contains(&token.content.as_str()))
            .map(|(&id, _)| id)
            .collect();
        Ok(Self { inner, special_ids, pad_id })
    }

    /// The id that fills rows of a batch; the mask hides it.
    #[must_use]
    pub fn pad_id(&self) -> u32 {
        self.pad_id
    }

    /// Tokenizes one text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the tokenizer refuses the text, or where it comes out without any token.
    pub fn encode(&self, text: &str) -> Result<Tokens> {
        let encoding = self.inner.encode_fast(text, true).map_err(|source| {
            Error::new(ErrorKind::InvalidInput, "the tokenizer refuses the text").with_source(source)
        })?;
        let ids = encoding.get_ids().to_vec();
        if ids.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the text has no token, and this model's tokenizer adds none: an empty text has no vector here",
            ));
        }
        let special_tokens = ids
            .iter()
            .zip(encoding.get_special_tokens_mask())
            .filter(|(id, added)| **added == 0 && self.special_ids.contains(id))
            .count();
        let report = TextReport {
            tokens: ids.len() as u32,
            truncated: !encoding.get_overflowing().is_empty(),
            special_tokens: special_tokens as u32,
        };
        Ok(Tokens { ids, report })
    }
}
