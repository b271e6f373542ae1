//! The vector index as a JavaScript object. A search reads tens of megabytes: while JavaScript waits, or on threads of its own.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{Float32Array, Object, Uint8Array, Uint32Array};
use napi_derive::napi;
use patina_embed::threads;
use patina_index::vectors::{Found, Shape, VectorIndex, update_codes, write_codes};

use crate::engine::caught;
use crate::numbers::{LARGEST_WHOLE, is_whole};
use crate::outcome::NativeError;
use crate::shutdown::answer;

/// Where an index's files are, and how many vectors of how many numbers they hold.
#[napi(object)]
pub struct NativeIndexFiles {
    /// `[rows × dimension]` float32, row-major, each row of unit length or all zeros.
    pub floats: String,
    /// What was made of it.
    pub codes: String,
    /// Vectors.
    pub rows: f64,
    /// Numbers in each.
    pub dimension: f64,
}

/// The end of a call that gives no value.
#[napi(object)]
#[derive(Default)]
pub struct IndexOutcome {
    /// Set where it failed.
    pub error: Option<NativeError>,
}

/// The end of a search: what was found, or the error.
#[napi(object, object_from_js = false)]
pub struct SearchOutcome {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// `[found]`, best first.
    pub rows: Option<Uint32Array>,
    /// `[found]`
    pub scores: Option<Float32Array>,
    /// Rows that were scored from their floats.
    pub rescored: f64,
}

/// The end of a call that gives numbers.
#[napi(object, object_from_js = false)]
pub struct NumbersOutcome {
    /// Set where it failed.
    pub error: Option<NativeError>,
    /// The numbers.
    pub numbers: Option<Float32Array>,
}

/// An index on the disk. It is open from `open` to `close`.
#[napi]
pub struct NativeVectorIndex {
    slot: Mutex<Slot>,
}

enum Slot {
    Unopened,
    Open(Arc<VectorIndex>),
    Closed,
}

#[napi]
impl NativeVectorIndex {
    /// An index that has yet to be opened.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { slot: Mutex::new(Slot::Unopened) }
    }

    /// Maps the files; their content is not looked at.
    #[napi(catch_unwind)]
    pub fn open(&self, files: NativeIndexFiles) -> IndexOutcome {
        let opened =
            files.shape().and_then(|shape| Ok(VectorIndex::open(files.floats.as_ref(), files.codes.as_ref(), shape)?));
        match opened {
            Ok(index) => *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Slot::Open(Arc::new(index)),
            Err(error) => return IndexOutcome { error: Some(error) },
        }
        IndexOutcome::default()
    }

    /// The best `k` of the rows that are allowed.
    #[napi(ts_return_type = "Promise<SearchOutcome>")]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        query: Float32Array,
        k: u32,
        allowed: Option<Uint8Array>,
    ) -> napi::Result<Object<'env>> {
        // Typed arrays are JavaScript's, which may write to them while another thread reads: they are copied here.
        let (index, query, allowed) = (self.index(), query.to_vec(), allowed.map(|allowed| allowed.to_vec()));
        answer(env, move || found(index, &query, k, allowed.as_deref()))
    }

    /// The same while JavaScript waits.
    #[napi(catch_unwind)]
    pub fn search_sync(&self, query: &[f32], k: u32, allowed: Option<&[u8]>) -> SearchOutcome {
        found(self.index(), query, k, allowed)
    }

    /// The dot product of each of the rows with the query.
    #[napi(ts_return_type = "Promise<NumbersOutcome>")]
    pub fn score<'env>(&self, env: &'env Env, query: Float32Array, rows: Uint32Array) -> napi::Result<Object<'env>> {
        let (index, query, rows) = (self.index(), query.to_vec(), rows.to_vec());
        answer(env, move || NumbersOutcome::from(caught(|| Ok(index?.score(&query, &rows)?))))
    }

    /// A row's vector.
    #[napi(catch_unwind)]
    pub fn vector(&self, row: u32) -> NumbersOutcome {
        self.index().and_then(|index| Ok(index.vector(row)?.to_vec())).into()
    }

    /// Lets the files go, once the searches under way have ended.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Slot::Closed;
    }

    fn index(&self) -> Result<Arc<VectorIndex>, NativeError> {
        match &*self.slot.lock().unwrap_or_else(PoisonError::into_inner) {
            Slot::Open(index) => Ok(Arc::clone(index)),
            Slot::Unopened => Err(NativeError::internal("this index is not open")),
            Slot::Closed => Err(NativeError::closed("this index is closed: open it again")),
        }
    }
}

/// On as many threads as may compute at once.
fn found(index: Result<Arc<VectorIndex>, NativeError>, query: &[f32], k: u32, allowed: Option<&[u8]>) -> SearchOutcome {
    let threads = NonZeroUsize::new(threads::limit()).unwrap_or(NonZeroUsize::MIN);
    caught(|| Ok(index?.search(query, k as usize, allowed, threads)?)).into()
}

/// Writes the codes file, or brings it up to date where `changed` says which rows are not what they were.
#[napi(ts_return_type = "Promise<IndexOutcome>")]
pub fn write_index_codes(env: &Env, files: NativeIndexFiles, changed: Option<Uint32Array>) -> napi::Result<Object<'_>> {
    let changed = changed.map(|rows| rows.to_vec());
    answer(env, move || {
        let written = caught(|| {
            let (shape, floats, codes) = (files.shape()?, PathBuf::from(files.floats), PathBuf::from(files.codes));
            match changed {
                None => write_codes(&floats, &codes, shape)?,
                Some(rows) => update_codes(&floats, &codes, shape, &rows)?,
            }
            Ok(())
        });
        IndexOutcome { error: written.err() }
    })
}

impl NativeIndexFiles {
    fn shape(&self) -> Result<Shape, NativeError> {
        for (name, value) in [("rows", self.rows), ("dimension", self.dimension)] {
            if !is_whole(value, LARGEST_WHOLE) {
                return Err(NativeError::invalid(format!("{name} has to be a whole number from 0, not {value}")));
            }
        }
        Ok(Shape::new(self.rows as usize, self.dimension as usize)?)
    }
}

impl From<Result<Found, NativeError>> for SearchOutcome {
    fn from(result: Result<Found, NativeError>) -> Self {
        let Found { best, rescored } = match result {
            Ok(found) => found,
            Err(error) => return Self { error: Some(error), rows: None, scores: None, rescored: 0.0 },
        };
        let rows = best.iter().map(|scored| scored.row).collect();
        let scores = best.iter().map(|scored| scored.score).collect();
        Self {
            error: None,
            rows: Some(Uint32Array::new(rows)),
            scores: Some(Float32Array::new(scores)),
            rescored: rescored as f64,
        }
    }
}

impl From<Result<Vec<f32>, NativeError>> for NumbersOutcome {
    fn from(result: Result<Vec<f32>, NativeError>) -> Self {
        match result {
            Ok(numbers) => Self { error: None, numbers: Some(Float32Array::new(numbers)) },
            Err(error) => Self { error: Some(error), numbers: None },
        }
    }
}
