//! Reading a model's small files whole, within a limit: what a file of gigabytes would do to memory is seen beforehand.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The file's bytes.
///
/// # Errors
/// One of `kind` for a file of more than `most` bytes or one that cannot be read.
pub(crate) fn read_limited(path: &Path, most: u64, kind: ErrorKind) -> Result<Vec<u8>> {
    let unreadable = |source: std::io::Error| {
        Error::new(kind, format!("{} cannot be read", path.display())).with_file(path).with_source(source)
    };
    let mut bytes = Vec::new();
    // One byte more than may be there: a size that the system states need not be what a reader gets.
    File::open(path).map_err(unreadable)?.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(
            kind,
            format!(
                "{} has more than the {most} bytes that such a file may have; is it the right one?",
                path.display()
            ),
        )
        .with_file(path));
    }
    Ok(bytes)
}
