//! Where words of a query stand in a text, for whoever shows a match.

use std::collections::HashMap;
use std::ops::Range;

use super::words::{Terms, words_and_parts};

/// Words of a query, looked for in texts.
pub struct QueryTerms {
    terms: Terms,
    by_term: HashMap<String, usize>,
}

/// A place where a text has a word of the query, or a word that is one with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Bytes of the text: a whole word, or a part of an identifier.
    pub bytes: Range<usize>,
    /// Which of the words, from 0; the first of those that are one.
    pub word: usize,
}

impl QueryTerms {
    /// Words as [`FullTextIndex::words`](super::FullTextIndex::words) gives them.
    #[must_use]
    pub fn new(words: &[impl AsRef<str>]) -> Self {
        let terms = Terms::default();
        let mut by_term = HashMap::new();
        for (number, word) in words.iter().enumerate() {
            by_term.entry(terms.of(word.as_ref())).or_insert(number);
        }
        Self { terms, by_term }
    }

    /// Every occurrence in `text`, ascending. A word that is one as a whole comes before those of its parts that are, which lie
    /// within it.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Occurrence> {
        if self.by_term.is_empty() {
            return Vec::new();
        }
        let start = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
        let occurrence = |piece: &str| {
            let word = *self.by_term.get(&self.terms.of(piece))?;
            Some(Occurrence { bytes: start(piece)..start(piece) + piece.len(), word })
        };
        words_and_parts(text).filter_map(occurrence).collect()
    }
}
