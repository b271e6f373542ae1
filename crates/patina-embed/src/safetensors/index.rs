//! The file that says which tensor of a sharded model is in which of its files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::ModelSpec;

/// How such a file's name ends.
const ENDING: &str = ".safetensors.index.json";

/// Bytes that such a file may have; that of an 8B model has 30 thousand.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Index {
    weight_map: HashMap<String, String>,
}

/// What is written of an index: the bytes of all tensors, and each tensor's file.
#[derive(Serialize)]
pub(super) struct NewIndex<'names> {
    pub metadata: Metadata,
    pub weight_map: BTreeMap<&'names str, &'names str>,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    pub total_size: u64,
}

fn read(path: &Path) -> Result<Index> {
    let bytes = read_limited(path, LARGEST, ErrorKind::Integrity)?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(path, &error.to_string()))
}

/// The files that the index at `path` names, sorted. They lie beside it: a name in an index is text that somebody else
/// wrote, and becomes no path that leads elsewhere.
///
/// # Errors
/// [`ErrorKind::Integrity`] for an index that is none or names what is no file beside it, [`ErrorKind::ModelMissing`] for
/// a file that is not there.
pub(crate) fn shards(path: &Path) -> Result<Vec<PathBuf>> {
    let names: BTreeSet<String> = read(path)?.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(damaged(path, "it names no file"));
    }
    let locate = |name: String| {
        let mut parts = Path::new(&name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_str()) {
            let what =
                format!("it keeps tensors in {name:?}, which is no name of a file beside it; do not use this file");
            return Err(damaged(path, &what));
        }
        let shard = path.with_file_name(&name);
        if shard.is_file() {
            return Ok(shard);
        }
        let message = format!("{} keeps tensors in {name:?}, which is not there; fetch it as well", path.display());
        Err(Error::new(ErrorKind::ModelMissing, message).with_file(shard))
    };
    names.into_iter().map(locate).collect()
}

/// Holds tensors, each a name and the file that it is in, against the spec's index, where it has one.
///
/// # Errors
/// [`ErrorKind::Integrity`] naming a tensor that is not where the index has it, or that the index lacks.
pub(crate) fn check<'tensors>(
    spec: &ModelSpec,
    tensors: impl Iterator<Item = (&'tensors str, &'tensors Path)>,
) -> Result<()> {
    let is_index = |path: &Path| path.to_string_lossy().ends_with(ENDING);
    let Some(path) = spec.files.iter().map(|file| file.path.as_path()).find(|path| is_index(path)) else {
        return Ok(());
    };
    let index = read(path)?;
    let mut found: HashMap<&str, &Path> = tensors.collect();
    for (name, shard) in &index.weight_map {
        // Only names are compared: a shard's name in an index may be any text.
        let is_there = found.remove(name.as_str()).is_some_and(|file| file.file_name() == Some(shard.as_ref()));
        if !is_there {
            return Err(damaged(path, &format!("tensor {name} shall be in {shard:?} and is not")));
        }
    }
    match found.into_iter().min() {
        Some((name, file)) => Err(damaged(path, &format!("tensor {name} of {} is not in it", file.display()))),
        None => Ok(()),
    }
}
