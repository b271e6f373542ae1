//! The two files of an index, mapped into memory.
//!
//! They never change once they are written, and go by being unlinked, which leaves a mapping as it is. A file that is cut short
//! while it is mapped ends the process (`SIGBUS`): nothing here can turn that into an error.

use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::bounds::MOST_DIMENSIONS;
use super::record;
use crate::disk;
use crate::error::{Error, Result};

/// How many vectors of how many numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    rows: usize,
    dimension: usize,
}

impl Shape {
    /// Checks both numbers.
    ///
    /// # Errors
    /// `InvalidInput` where rows do not fit into 32 bits, or for a dimension of 0 or above 65,536.
    pub fn new(rows: usize, dimension: usize) -> Result<Self> {
        if u32::try_from(rows).is_err() {
            return Err(Error::new(format!("an index has at most {} rows, not {rows}", u32::MAX)));
        }
        if dimension == 0 || dimension > MOST_DIMENSIONS {
            return Err(Error::new(format!("vectors have 1 to {MOST_DIMENSIONS} numbers, not {dimension}")));
        }
        Ok(Self { rows, dimension })
    }

    /// Vectors.
    #[must_use]
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Numbers in each.
    #[must_use]
    pub fn dimension(self) -> usize {
        self.dimension
    }
}

/// Unit vectors, row-major, float32, little-endian.
pub(super) struct FloatsFile {
    path: PathBuf,
    map: Mmap,
    dimension: usize,
}

impl FloatsFile {
    pub(super) fn open(path: &Path, shape: Shape) -> Result<Self> {
        let map = map(path, shape.rows as u64 * (shape.dimension * size_of::<f32>()) as u64)?;
        // Few rows are read, from anywhere: their neighbours need not come from the disk with them.
        #[cfg(unix)]
        map.advise(memmap2::Advice::Random).map_err(|error| Error::io(path, "map", &error))?;
        Ok(Self { path: path.to_owned(), map, dimension: shape.dimension })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    /// `[dimension]`; the row has to be there.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        let bytes = &self.map[row * self.dimension * size_of::<f32>()..][..self.dimension * size_of::<f32>()];
        // SAFETY: a mapping begins at a page and rows at multiples of four bytes, so the numbers are aligned; every pattern of
        // bits is a number.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), self.dimension) }
    }
}

/// Records, as [`record`] has them.
pub(super) struct CodesFile {
    map: Mmap,
    size: usize,
}

impl CodesFile {
    pub(super) fn open(path: &Path, shape: Shape) -> Result<Self> {
        let size = record::size(shape.dimension);
        Ok(Self { map: map(path, shape.rows as u64 * size as u64)?, size })
    }

    pub(super) fn all(&self) -> &[u8] {
        &self.map
    }

    /// The bytes of a record; the row has to be there.
    pub(super) fn record(&self, row: usize) -> &[u8] {
        &self.map[row * self.size..][..self.size]
    }
}

/// Maps a file that has to have `due` bytes.
fn map(path: &Path, due: u64) -> Result<Mmap> {
    let file = disk::open(path)?;
    let bytes = file.metadata().map_err(|error| Error::io(path, "read", &error))?.len();
    if bytes != due {
        return Err(Error::damaged(path, format!("it has {bytes} bytes, the index takes {due}")));
    }
    disk::map(&file, path)
}
