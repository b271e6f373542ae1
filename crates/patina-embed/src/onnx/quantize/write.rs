//! The quantised files on disk: written beside, synchronised, renamed.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::QuantizeOptions;
use super::rope::{Rope, Weight};
use crate::error::{Error, ErrorKind, Result};

/// The file beside `target` that tensors of a large model go into.
pub(super) fn data_file(target: &Path) -> PathBuf {
    beside(target, "_data")
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(suffix);
    file.with_file_name(name)
}

/// Writes the graph and, where there is any, the data; says which files there are now.
pub(super) fn write_files(
    target: &Path,
    graph: &Rope,
    data: &Rope,
    weights: &[Weight],
    options: &QuantizeOptions,
) -> Result<Vec<PathBuf>> {
    let total = graph.length() + data.length();
    let done = Cell::new(0);
    let write = |file: &Path, content: &Rope| -> Result<()> {
        let partial = beside(file, ".partial");
        let on_bytes = |bytes| {
            if options.abort.is_aborted() {
                return Err(std::io::Error::from(std::io::ErrorKind::Interrupted));
            }
            done.set(done.get() + bytes);
            (options.on_progress)(done.get(), total);
            Ok(())
        };
        write_one(&partial, content, weights, on_bytes).and_then(|()| std::fs::rename(&partial, file)).map_err(
            |source| {
                // What is half-written is of use to nobody; that it cannot be removed says less than why it was written.
                let _ = std::fs::remove_file(&partial);
                if options.abort.is_aborted() {
                    return Error::aborted();
                }
                Error::new(ErrorKind::Io, format!("{} cannot be written", file.display()))
                    .with_file(file)
                    .with_source(source)
            },
        )
    };
    let mut files = vec![target.to_path_buf()];
    // The data first: a graph is never there without what it names.
    if data.length() > 0 {
        let file = data_file(target);
        write(&file, data)?;
        files.push(file);
    }
    write(target, graph)?;
    Ok(files)
}

fn write_one(
    path: &Path,
    content: &Rope,
    weights: &[Weight],
    on_bytes: impl FnMut(u64) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    content.write(weights, &mut file, on_bytes)?;
    file.flush()?;
    file.get_ref().sync_all()
}
