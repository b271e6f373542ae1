//! The safetensors of a model that lie in several files, as `model.safetensors.index.json` names them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::read_json;
use crate::error::{Error, ErrorKind, Result};

/// A model in one file.
pub(super) const SAFETENSORS: &str = "model.safetensors";
/// Which tensor is in which file.
pub(super) const INDEX: &str = "model.safetensors.index.json";

#[derive(Default, Deserialize)]
struct Names {
    weight_map: BTreeMap<String, String>,
}

/// The files that the index at `path` names, sorted. They lie beside it: a name in an index is text that somebody else
/// wrote, and becomes no path that leads elsewhere.
///
/// # Errors
/// [`ErrorKind::Integrity`] for an index that is none or names what is no file beside it, [`ErrorKind::ModelMissing`] for
/// a file that is not there.
pub(super) fn read(path: &Path) -> Result<Vec<PathBuf>> {
    let refuse = |kind: ErrorKind, what: String| Error::new(kind, format!("{} {what}", path.display())).with_file(path);
    let names: Names = read_json(path)?.unwrap_or_default();
    let names: BTreeSet<String> = names.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(refuse(ErrorKind::Integrity, "names no file".to_owned()));
    }
    let locate = |name: String| {
        let mut parts = Path::new(&name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_str()) {
            let what = format!("keeps tensors in {name:?}, which is no name of a file beside it; do not use this file");
            return Err(refuse(ErrorKind::Integrity, what));
        }
        let shard = path.with_file_name(&name);
        if shard.is_file() {
            return Ok(shard);
        }
        let what = format!("keeps tensors in {name:?}, which is not there; fetch it as well");
        Err(refuse(ErrorKind::ModelMissing, what).with_file(shard))
    };
    names.into_iter().map(locate).collect()
}
