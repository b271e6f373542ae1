//! The codes file, made from the file of floats.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use super::files::{FloatsFile, Shape};
use super::record;
use crate::disk::write_new;
use crate::error::{Error, Result};

/// Bytes of records that are written at once.
const BLOCK: usize = 1 << 20;

/// Writes the codes of the vectors in `floats` (row-major `[rows × dimension]`, float32; each of unit length, or all zeros for a row
/// without one) into the new file `codes`, down to the disk. A file that cannot be finished is removed.
///
/// # Errors
/// `Integrity` naming the file and the row where the floats have another size or a row is neither, `Io` (also where the
/// file `codes` is there already), `InvalidInput` for a shape that cannot be.
pub fn write_codes(floats: &Path, codes: &Path, shape: Shape) -> Result<()> {
    let source = FloatsFile::open(floats, shape)?;
    write_new(codes, |mut file| {
        write_rows(&source, &mut file, codes, 0, shape.rows())?;
        sync(&file, codes)
    })
}

/// Brings a codes file that was made for other floats up to date, down to the disk: `changed` are the rows, in any order, that are
/// not what they were; rows that the file lacks are appended, rows that there are no more are cut off.
///
/// # Errors
/// As [`write_codes`]; `InvalidInput` for a row that there is not. The file is of no use after an error.
pub fn update_codes(floats: &Path, codes: &Path, shape: Shape, changed: &[u32]) -> Result<()> {
    let source = FloatsFile::open(floats, shape)?;
    let mut rows = changed.to_vec();
    rows.sort_unstable();
    rows.dedup();
    if let Some(row) = rows.last().filter(|&&row| row as usize >= shape.rows()) {
        return Err(Error::new(format!("there is no row {row} to write codes of: there are {}", shape.rows())));
    }
    let mut file = OpenOptions::new().write(true).open(codes).map_err(|error| Error::io(codes, "open", &error))?;
    let bytes = file.metadata().map_err(|error| Error::io(codes, "read", &error))?.len();
    let size = record::size(shape.dimension()) as u64;
    if bytes % size != 0 {
        return Err(Error::damaged(codes, format!("its {bytes} bytes are no whole number of records of {size}")));
    }
    let present = usize::try_from(bytes / size).unwrap_or(usize::MAX).min(shape.rows());
    for run in rows.chunk_by(|a, b| a + 1 == *b) {
        let start = run[0] as usize;
        write_rows(&source, &mut file, codes, start, (start + run.len()).min(present))?;
    }
    write_rows(&source, &mut file, codes, present, shape.rows())?;
    file.set_len(shape.rows() as u64 * size).map_err(|error| Error::io(codes, "cut", &error))?;
    sync(&file, codes)
}

/// Writes the records of the rows from `start` to before `end`, where they belong.
fn write_rows(source: &FloatsFile, file: &mut File, path: &Path, start: usize, end: usize) -> Result<()> {
    let size = record::size(source.dimension());
    let failed = |error: std::io::Error| Error::io(path, "write", &error);
    file.seek(SeekFrom::Start((start * size) as u64)).map_err(failed)?;
    let rows_at_once = (BLOCK / size).max(1);
    let mut records = Vec::new();
    for first in (start..end).step_by(rows_at_once) {
        records.resize(rows_at_once.min(end - first) * size, 0);
        for (index, record) in records.chunks_exact_mut(size).enumerate() {
            if !record::quantize(source.row(first + index), record) {
                return Err(Error::damaged(source.path(), format!("row {} is no unit vector", first + index)));
            }
        }
        file.write_all(&records).map_err(failed)?;
    }
    Ok(())
}

fn sync(file: &File, path: &Path) -> Result<()> {
    file.sync_all().map_err(|error| Error::io(path, "write", &error))
}
