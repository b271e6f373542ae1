//! The rows of a matrix on the disk that fit a query best: exact, at the cost of reading a quarter of it.
//!
//! Beside the file of floats lies one of codes, 8 bits a number with a scale for each row and a bound of what they leave out
//! ([`write_codes`]). A search reads all codes, which gives every row's score with a bound of its error; rows that cannot be
//! among the best are out, the rest are scored from their floats. The result is that of
//! [`patina_similarity::top_k`] over the floats, to the last bit and in the same order.
//!
//! Whoever opens an index has the digest of the codes checked first. The floats need none: a row that is read has to give its
//! own codes, scale and residual once more, or the search fails and names it.

mod bounds;
mod files;
mod kernel;
mod record;
mod scan;
mod write;

use std::num::NonZeroUsize;
use std::path::Path;

use patina_similarity::{Best, Scored, dot};

use crate::allowed::check_allowed;
use crate::error::{Error, Result};
use bounds::Query;
use files::{CodesFile, FloatsFile};
use kernel::Kernel;
use scan::Scan;

pub use files::Shape;
pub use write::{update_codes, write_codes};

/// Vectors on the disk, open for searching. It may be used from several threads at once.
pub struct VectorIndex {
    floats: FloatsFile,
    codes: CodesFile,
    shape: Shape,
    kernel: Kernel,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The best rows, best first, equal scores by row.
    pub best: Vec<Scored>,
    /// Rows that were scored from their floats for it.
    pub rescored: usize,
}

impl VectorIndex {
    /// Maps both files, which must not change for as long as the index is open.
    ///
    /// # Errors
    /// `Integrity` naming the file that is missing or has another size than the shape asks for, `Io`.
    pub fn open(floats: &Path, codes: &Path, shape: Shape) -> Result<Self> {
        let (floats, codes) = (FloatsFile::open(floats, shape)?, CodesFile::open(codes, shape)?);
        Ok(Self { floats, codes, shape, kernel: Kernel::fastest() })
    }

    /// How many vectors of how many numbers.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The `k` rows with the largest dot products with `query`. `allowed` has one byte a row and leaves out those whose byte
    /// is 0; `threads` at most read at once.
    ///
    /// # Errors
    /// `InvalidInput` where lengths disagree or the query holds a number that is not finite, `Integrity` naming file and row
    /// where floats are not those that the codes were made of.
    pub fn search(&self, query: &[f32], k: usize, allowed: Option<&[u8]>, threads: NonZeroUsize) -> Result<Found> {
        let query = self.query(query)?;
        check_allowed(allowed, self.shape.rows())?;
        if k == 0 {
            return Ok(Found { best: Vec::new(), rescored: 0 });
        }
        let mut candidates = Scan { records: self.codes.all(), query: &query, k, allowed, threads }.candidates();
        // The most promising first, so that the rest soon cannot be among the best.
        candidates.sort_unstable_by(|a, b| b.upper.total_cmp(&a.upper).then(a.row.cmp(&b.row)));
        let mut best = Best::new(k);
        let mut scratch = Vec::new();
        let mut rescored = 0;
        for candidate in candidates {
            if best.threshold().is_some_and(|threshold| candidate.upper < threshold) {
                break;
            }
            let row = self.checked(candidate.row, &mut scratch)?;
            best.offer(candidate.row, dot(row, query.numbers));
            rescored += 1;
        }
        Ok(Found { best: best.into_sorted(), rescored })
    }

    /// The dot product of each of the rows with `query`, in their order.
    ///
    /// # Errors
    /// As [`search`](Self::search); `InvalidInput` for a row that there is not.
    pub fn score(&self, query: &[f32], rows: &[u32]) -> Result<Vec<f32>> {
        let query = self.query(query)?;
        let mut scratch = Vec::new();
        rows.iter().map(|&row| Ok(dot(self.checked(row, &mut scratch)?, query.numbers))).collect()
    }

    /// A row's vector, `[dimension]`.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn vector(&self, row: u32) -> Result<&[f32]> {
        self.checked(row, &mut Vec::new())
    }

    fn query<'a>(&self, query: &'a [f32]) -> Result<Query<'a>> {
        if query.len() == self.shape.dimension() {
            return Query::new(query, self.kernel);
        }
        let (found, due) = (query.len(), self.shape.dimension());
        Err(Error::new(format!("the query has {found} numbers and the index's rows have {due}")))
    }

    /// A row's floats, if they are those that its codes were made of.
    fn checked(&self, row: u32, scratch: &mut Vec<u8>) -> Result<&[f32]> {
        let (index, rows) = (row as usize, self.shape.rows());
        if index >= rows {
            return Err(Error::new(format!("there is no row {row}: the index has {rows}")));
        }
        let floats = self.floats.row(index);
        scratch.resize(record::size(floats.len()), 0);
        if record::quantize(floats, scratch) && scratch == self.codes.record(index) {
            return Ok(floats);
        }
        Err(Error::damaged(self.floats.path(), format!("row {row} is not the one that its codes were made of")))
    }
}
