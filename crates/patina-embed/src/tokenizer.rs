//! Texts to token ids. Truncation comes from the spec and padding from [`crate::batch`]: whatever a `tokenizer.json`
//! bakes in of either is thrown away (all-MiniLM-L6-v2's pads every text to 128).

mod count;
mod probe;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tokenizers::{Encoding, Tokenizer as Inner, TruncationDirection, TruncationParams, TruncationStrategy};

use crate::embeddings::TextReport;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::options::SpecialTokens;

/// Bytes that a tokenizer.json may have: twice the largest of the models that are known (Gemma's, 33 MB).
const LARGEST_FILE: u64 = 64 << 20;

/// Bytes of text per token that are looked at first. Text has three to five; white space has none.
const BYTES_A_TOKEN: usize = 32;

/// Bytes between the last token that counts and the end of what was read, before the rest of a text is left unread: what
/// is before a cut at white space does not depend on what follows, and what little might (a pattern that looks ahead)
/// lies within these.
const MARGIN: usize = 256;

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
    max_tokens: usize,
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
        let mut inner = read(path)?;
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
        probe::check(&inner, path)?;
        // An unknown word becomes the unknown token without having spelled it out, so that one is not counted.
        let special_ids = inner
            .get_added_tokens_decoder()
            .iter()
            .filter(|(_, token)| token.special && !["[UNK]", "<unk>"].contains(&token.content.as_str()))
            .map(|(&id, _)| id)
            .collect();
        Ok(Self { inner, max_tokens, special_ids, pad_id })
    }

    /// The id that fills rows of a batch; the mask hides it.
    #[must_use]
    pub fn pad_id(&self) -> u32 {
        self.pad_id
    }

    /// Tokenizes one text.
    ///
    /// A text far longer than the model takes is tokenized only as far as it counts: megabytes of text would otherwise
    /// take seconds and a hundred times their size in memory, for tokens that are thrown away.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the tokenizer refuses the text, or where it comes out without any token.
    pub fn encode(&self, text: &str) -> Result<Tokens> {
        let mut length = self.max_tokens * BYTES_A_TOKEN;
        while let Some(start) = start_of(text, length) {
            let encoding = guarded(|| self.inner.encode(start, true))?;
            let read = encoding.get_offsets().iter().map(|&(_, end)| end).max().unwrap_or(0);
            if !encoding.get_overflowing().is_empty() && read + MARGIN <= start.len() {
                return self.tokens(&encoding);
            }
            length *= 8;
        }
        // Without offsets, which only the start of a long text needs, it is faster.
        self.tokens(&guarded(|| self.inner.encode_fast(text, true))?)
    }

    fn tokens(&self, encoding: &Encoding) -> Result<Tokens> {
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

/// Reads the file, which has to be one that a tokenizer can come in.
fn read(path: &Path) -> Result<Inner> {
    let damaged = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::Integrity, format!("{} is no tokenizer that can be read", path.display()))
            .with_file(path)
            .with_source(source)
    };
    let bytes = read_limited(path, LARGEST_FILE, ErrorKind::Integrity)?;
    // Parts of a damaged file that only meet while it is read (a merge without its token) end some of its readers.
    catch_unwind(|| Inner::from_bytes(bytes))
        .unwrap_or_else(|_| Err("its parts contradict each other".into()))
        .map_err(damaged)
}

/// Runs the tokenizer, whose regular expressions panic where they give up (at ten million steps back) and whose models
/// do where the file contradicts itself.
fn guarded<T>(encode: impl FnOnce() -> tokenizers::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(encode)) {
        Ok(encoded) => encoded.map_err(|source| {
            Error::new(ErrorKind::InvalidInput, "the tokenizer refuses the text").with_source(source)
        }),
        Err(_) => Err(Error::new(
            ErrorKind::InvalidInput,
            "the tokenizer gave up on the text: leave the text out, or see whether tokenizer.json is the model's own",
        )),
    }
}

/// The text up to the last white space within `length` bytes, or nothing where all of it, or most of it, would be taken
/// anyway. Tokenizers split at white space before all else, so the tokens before it do not depend on what follows.
fn start_of(text: &str, length: usize) -> Option<&str> {
    if text.len() / 2 <= length {
        return None;
    }
    let within = &text[..text.floor_char_boundary(length)];
    within.rfind(char::is_whitespace).map(|end| &within[..end])
}
