//! Files of an index as both indexes open, map and begin them.

use std::fs::{File, OpenOptions};
use std::path::Path;

use memmap2::Mmap;

use crate::error::{Error, Result};

/// Opens a file of an index; one that is missing is damage.
pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::damaged(path, "it is missing"),
        _ => Error::io(path, "open", &error),
    })
}

/// Maps a file of an index into memory.
pub(crate) fn map(file: &File, path: &Path) -> Result<Mmap> {
    // SAFETY: a file of an index is not written to while it is open, which callers are told.
    unsafe { Mmap::map(file) }.map_err(|error| Error::io(path, "map", &error))
}

/// Writes a file that was not there, for its owner alone. One that cannot be finished is removed.
pub(crate) fn write_new(path: &Path, write: impl FnOnce(File) -> Result<()>) -> Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.write(true).create_new(true).open(path).map_err(|error| Error::io(path, "create", &error))?;
    let written = write(file);
    if written.is_err() {
        // What went wrong is told; that its leftover stays as well would hide it.
        let _ = std::fs::remove_file(path);
    }
    written
}
