//! Full-text search: passages of a heading and a body, by BM25 over the words of both.
//!
//! ```
//! use patina_index::full_text::{FullTextIndex, FullTextWriter};
//!
//! let folder = std::env::temp_dir().join(format!("patina-index-example-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let (first, second) = (folder.join("first"), folder.join("second"));
//!
//! let mut writer = FullTextWriter::new(&first, None, &[])?;
//! writer.add(0, "src/queue.rs", "/// Wakes the workers.\nfn notify_all(&self)")?;
//! writer.add(1, "src/main.rs", "fn main()")?;
//! writer.finish(2)?;
//!
//! // A word finds the identifiers that it is a part of, and its other forms.
//! let index = FullTextIndex::open(&first)?;
//! assert_eq!(index.search(&["notify"], 10, None)?[0].row, 0);
//! assert_eq!(index.search(&["waking"], 10, None)?[0].row, 0);
//!
//! // What changed is written into a new file.
//! let mut writer = FullTextWriter::new(&second, Some(&first), &[0])?;
//! writer.add(2, "src/pool.rs", "fn wake(&self)")?;
//! writer.finish(3)?;
//! let rows = |found: Vec<patina_index::full_text::Match>| found.iter().map(|found| found.row).collect::<Vec<_>>();
//! assert_eq!(rows(FullTextIndex::open(&second)?.search(&["waking"], 10, None)?), [2]);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod collect;
mod file;
mod file_writer;
mod lists;
mod occurrences;
mod phrases;
mod search;
mod words;
mod write;

use std::collections::HashSet;
use std::path::Path;

use file::IndexFile;
use lists::Postings;
use search::Scores;
use words::words_and_parts;

use crate::error::Result;

pub use occurrences::{Occurrence, QueryTerms};
pub use search::Match;
pub use words::{Terms, WORDS_VERSION, parts, words};
pub use write::FullTextWriter;

/// An index of words on the disk, open for searching. It may be used from several threads at once.
pub struct FullTextIndex {
    file: IndexFile,
    terms: Terms,
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryWord {
    /// In lower case.
    pub word: String,
    /// Passages that have it, or another word that is one with it.
    pub passages: u32,
}

impl FullTextIndex {
    /// Maps the file, which must not change for as long as the index is open, and checks its table. A list is checked when it is
    /// read.
    ///
    /// # Errors
    /// `Integrity` naming the file where it is missing or damaged, `Incompatible` where another version wrote it, `Io`.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { file: IndexFile::open(path)?, terms: Terms::default() })
    }

    /// Rows, those without a passage among them.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.file.head().rows as u32
    }

    /// Passages.
    #[must_use]
    pub fn passages(&self) -> u32 {
        self.file.head().passages as u32
    }

    /// A checksum of all that the file holds, told without reading it: whoever keeps it can tell one index from another.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.file.sum()
    }

    /// Every distinct word of a query and every part of its identifiers, in its order.
    ///
    /// # Errors
    /// `Integrity` naming the file.
    pub fn words(&self, query: &str) -> Result<Vec<QueryWord>> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for word in words_and_parts(query) {
            let word = word.to_lowercase();
            if seen.contains(&word) {
                continue;
            }
            let term = self.file.find(self.terms.of(&word).as_bytes())?;
            let passages = term.map_or(0, |term| self.file.entry(term).passages);
            seen.insert(word.clone());
            found.push(QueryWord { word, passages });
        }
        Ok(found)
    }

    /// The `k` passages with any of the words that score highest, best first, equal scores by row. `allowed` has one byte a row
    /// and leaves out those whose byte is 0. Every word given counts, also where several are one.
    ///
    /// # Errors
    /// `InvalidInput` where `allowed` has another length, `Integrity` naming the file.
    pub fn search(&self, words: &[impl AsRef<str>], k: usize, allowed: Option<&[u8]>) -> Result<Vec<Match>> {
        let mut scores = Scores::new(&self.file, allowed)?;
        let mut terms: Vec<(usize, u32)> = Vec::new();
        for word in words {
            let Some(term) = self.file.find(self.terms.of(word.as_ref()).as_bytes())? else { continue };
            match terms.iter_mut().find(|(known, _)| *known == term) {
                Some((_, times)) => *times += 1,
                None => terms.push((term, 1)),
            }
        }
        for (term, times) in terms {
            scores.add_term(term, times)?;
        }
        Ok(scores.best(k))
    }

    /// The `k` passages in whose body any of the phrases stands, word by word, as [`search`](Self::search) has them.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_phrases(&self, phrases: &[impl AsRef<str>], k: usize, allowed: Option<&[u8]>) -> Result<Vec<Match>> {
        let mut scores = Scores::new(&self.file, allowed)?;
        for text in phrases {
            let terms = words(text.as_ref()).map(|word| self.file.find(self.terms.of(word).as_bytes()));
            // A word that is nowhere makes a phrase that is nowhere.
            let Some(terms) = terms.collect::<Result<Option<Vec<usize>>>>()? else { continue };
            let found = phrases::phrase(&self.file, &terms)?;
            if scores.add(found.len() as u32, 1, found.into_iter()).is_none() {
                return Err(self.file.damaged(terms[0], "list"));
            }
        }
        Ok(scores.best(k))
    }

    /// Whether a row has every word of a text.
    ///
    /// # Errors
    /// `Integrity` naming the file.
    pub fn has_words(&self, row: u32, text: &str) -> Result<bool> {
        for word in words(text) {
            let Some(term) = self.file.find(self.terms.of(word).as_bytes())? else { return Ok(false) };
            if !Postings::of(self.file.postings(term)?).any(|posting| posting.row == row) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
