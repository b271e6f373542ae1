//! The index of words as JavaScript objects: one that searches, and one that writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{Float64Array, Object, Uint32Array};
use napi_derive::napi;
use patina_index::full_text::{FullTextIndex, FullTextWriter, Match, Occurrence, QueryTerms, WORDS_VERSION};

use crate::engine::caught;
use crate::outcome::NativeError;
use crate::shutdown::answer;
use crate::vector_index::IndexOutcome;

/// The end of opening an index.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct FullTextOpenOutcome {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// Rows, those without a passage among them.
    pub rows: u32,
    /// Passages.
    pub passages: u32,
    /// Of all that the file holds.
    pub checksum: u32,
}

/// The end of a search: what was found, or the error.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct FullTextMatches {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// `[found]`, best first.
    pub rows: Option<Uint32Array>,
    /// `[found]`
    pub scores: Option<Float64Array>,
}

/// The words of a query, or the error.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct FullTextWords {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// In lower case, in the query's order.
    pub words: Vec<String>,
    /// How many passages have each.
    pub passages: Option<Uint32Array>,
}

/// The end of a question that is answered by yes or no.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct FullTextAnswer {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// The answer.
    pub yes: bool,
}

/// An index on the disk. It is open from `open` to `close`.
#[napi]
#[derive(Default)]
pub struct NativeFullTextIndex {
    slot: Mutex<Option<Arc<FullTextIndex>>>,
}

#[napi]
impl NativeFullTextIndex {
    /// An index that has yet to be opened.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Maps the file and checks its table.
    #[napi(catch_unwind)]
    pub fn open(&self, path: String) -> FullTextOpenOutcome {
        match caught(|| Ok(FullTextIndex::open(Path::new(&path))?)) {
            Err(error) => FullTextOpenOutcome { error: Some(error), ..Default::default() },
            Ok(index) => {
                let (rows, passages, checksum) = (index.rows(), index.passages(), index.checksum());
                *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(index));
                FullTextOpenOutcome { error: None, rows, passages, checksum }
            }
        }
    }

    /// The words of a query and the parts of its identifiers.
    #[napi(catch_unwind)]
    pub fn words(&self, query: String) -> FullTextWords {
        match self.with(|index| index.words(&query)) {
            Err(error) => FullTextWords { error: Some(error), ..Default::default() },
            Ok(found) => {
                let passages = found.iter().map(|word| word.passages).collect();
                let words = found.into_iter().map(|word| word.word).collect();
                FullTextWords { error: None, words, passages: Some(Uint32Array::new(passages)) }
            }
        }
    }

    /// The best `k` of the passages that have any of the words and are allowed.
    #[napi(catch_unwind)]
    pub fn search(&self, words: Vec<String>, k: u32, allowed: Option<&[u8]>) -> FullTextMatches {
        self.with(|index| index.search(&words, k as usize, allowed)).into()
    }

    /// The best `k` of the passages that have any of the phrases in their body and are allowed.
    #[napi(catch_unwind)]
    pub fn search_phrases(&self, phrases: Vec<String>, k: u32, allowed: Option<&[u8]>) -> FullTextMatches {
        self.with(|index| index.search_phrases(&phrases, k as usize, allowed)).into()
    }

    /// Whether a row has every word of a text.
    #[napi(catch_unwind)]
    pub fn has_words(&self, row: u32, text: String) -> FullTextAnswer {
        match self.with(|index| index.has_words(row, &text)) {
            Ok(yes) => FullTextAnswer { error: None, yes },
            Err(error) => FullTextAnswer { error: Some(error), yes: false },
        }
    }

    /// Lets the file go.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn with<T>(&self, work: impl FnOnce(&FullTextIndex) -> patina_index::Result<T>) -> Result<T, NativeError> {
        let index = self.slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let index = index.ok_or_else(|| NativeError::closed("this index is closed: open it again"))?;
        caught(|| Ok(work(&index)?))
    }
}

impl From<Result<Vec<Match>, NativeError>> for FullTextMatches {
    fn from(result: Result<Vec<Match>, NativeError>) -> Self {
        match result {
            Err(error) => Self { error: Some(error), ..Self::default() },
            Ok(found) => Self {
                error: None,
                rows: Some(Uint32Array::new(found.iter().map(|found| found.row).collect())),
                scores: Some(Float64Array::new(found.iter().map(|found| found.score).collect())),
            },
        }
    }
}

/// An index in the making, from `open` to `finish`.
#[napi]
#[derive(Default)]
pub struct NativeFullTextWriter {
    slot: Arc<Mutex<Option<FullTextWriter>>>,
}

#[napi]
impl NativeFullTextWriter {
    /// An index that has yet to be begun.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a new file, with the passages of `base` but for the removed rows.
    #[napi(catch_unwind)]
    pub fn open(&self, path: String, base: Option<String>, removed: &[u32]) -> IndexOutcome {
        let base = base.map(PathBuf::from);
        let begun = caught(|| Ok(FullTextWriter::new(Path::new(&path), base.as_deref(), removed)?));
        let error = begun.map(|writer| *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer)).err();
        IndexOutcome { error }
    }

    /// Adds passages by ascending rows, each with its heading and its body, on a thread of its own.
    #[napi(ts_return_type = "Promise<IndexOutcome>")]
    pub fn add<'env>(
        &self,
        env: &'env Env,
        rows: Uint32Array,
        headings: Vec<String>,
        bodies: Vec<String>,
    ) -> napi::Result<Object<'env>> {
        let (slot, rows) = (Arc::clone(&self.slot), rows.to_vec());
        answer(env, move || {
            let added = caught(|| {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let writer = slot.as_mut().ok_or_else(ended)?;
                for ((&row, heading), body) in rows.iter().zip(&headings).zip(&bodies) {
                    writer.add(row, heading, body)?;
                }
                Ok(())
            });
            IndexOutcome { error: added.err() }
        })
    }

    /// Writes the file on a thread of its own.
    #[napi(ts_return_type = "Promise<IndexOutcome>")]
    pub fn finish<'env>(&self, env: &'env Env, rows: u32) -> napi::Result<Object<'env>> {
        let writer = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer(env, move || {
            let written = caught(|| Ok(writer.ok_or_else(ended)?.finish(rows)?));
            IndexOutcome { error: written.err() }
        })
    }

    /// Forgets all of it; nothing after `finish`.
    #[napi(catch_unwind)]
    pub fn abandon(&self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn ended() -> NativeError {
    NativeError::closed("this index has been written, or given up: begin another")
}

/// Words of a query, looked for in texts.
#[napi]
pub struct NativeQueryTerms {
    terms: QueryTerms,
}

#[napi]
impl NativeQueryTerms {
    /// Words as `NativeFullTextIndex.words` gives them.
    #[napi(constructor)]
    pub fn new(words: Vec<String>) -> Self {
        Self { terms: QueryTerms::new(&words) }
    }

    /// For each occurrence in a text, ascending: where it starts, where it ends (UTF-16 units), and which of the words it is.
    #[napi(catch_unwind)]
    pub fn find(&self, text: String) -> Uint32Array {
        let found = self.terms.find(&text);
        let mut numbers = Vec::with_capacity(3 * found.len());
        let units = |text: &str| text.chars().map(char::len_utf16).sum::<usize>() as u32;
        let (mut before, mut start) = (0, 0);
        for Occurrence { bytes, word } in found {
            // Starts ascend; an end may lie after the next start.
            start += units(&text[before..bytes.start]);
            before = bytes.start;
            numbers.extend([start, start + units(&text[bytes]), word as u32]);
        }
        Uint32Array::new(numbers)
    }
}

/// Which version of what a word is this addon has.
#[napi]
pub fn full_text_words_version() -> u32 {
    WORDS_VERSION
}
