//! The file that says which tensor of a sharded model is in which of its files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::error::{ErrorKind, Result};
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
    let bytes = read_limited(path, LARGEST, ErrorKind::Integrity)?;
    let index: Index = serde_json::from_slice(&bytes).map_err(|error| damaged(path, &error.to_string()))?;
    let mut found: HashMap<&str, &Path> = tensors.collect();
    for (name, shard) in &index.weight_map {
        // Only names are compared: a shard's name in an index, which may be any text, never becomes a path.
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
