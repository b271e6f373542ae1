//! The quantised files on disk: written beside, synchronised, renamed.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::QuantizeOptions;
use super::rope::{Rope, Weight};
use crate::error::{Error, Result};
use crate::files::{beside, unwritable, write_whole};

/// The file beside `target` that tensors of a large model go into.
pub(super) fn data_file(target: &Path) -> PathBuf {
    beside(target, "_data")
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
    let write = |path: &Path, content: &Rope| -> Result<()> {
        let on_bytes = |bytes| {
            if options.abort.is_aborted() {
                return Err(std::io::Error::from(std::io::ErrorKind::Interrupted));
            }
            done.set(done.get() + bytes);
            (options.on_progress)(done.get(), total);
            Ok(())
        };
        write_whole(path, |file| {
            write_one(file, content, weights, on_bytes)
                .map_err(|source| if options.abort.is_aborted() { Error::aborted() } else { unwritable(path, source) })
        })
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
    file: &mut File,
    content: &Rope,
    weights: &[Weight],
    on_bytes: impl FnMut(u64) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(file);
    content.write(weights, &mut file, on_bytes)?;
    file.flush()
}
