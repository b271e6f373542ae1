//! Reading a model's small files whole, within a limit: what a file of gigabytes would do to memory is seen beforehand.
//! And writing files that are there whole or not at all.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

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

/// The path with `suffix` behind the file's name.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(suffix);
    file.with_file_name(name)
}

/// Has `write` fill a file beside `path` that takes its name once its bytes are on disk; where it fails nothing is left.
///
/// # Errors
/// Those of `write`, and [`ErrorKind::Io`] where `path` cannot be written.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let partial = beside(path, ".partial");
    let attempt = || {
        let mut file = File::create(&partial).map_err(|source| unwritable(path, source))?;
        write(&mut file)?;
        file.sync_all().and_then(|()| std::fs::rename(&partial, path)).map_err(|source| unwritable(path, source))
    };
    attempt().inspect_err(|_| {
        // What is half-written is of use to nobody; that it cannot be removed says less than why it was written.
        let _ = std::fs::remove_file(&partial);
    })
}

/// The error where `path` cannot be written.
pub(crate) fn unwritable(path: &Path, source: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{} cannot be written", path.display())).with_file(path).with_source(source)
}
