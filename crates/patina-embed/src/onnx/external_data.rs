//! Tensors that an ONNX file keeps in other files: each of those has to be a verified file of the model, within its
//! folder, and long enough, before ONNX Runtime opens any.
//!
//! ONNX Runtime looks for such a file beside the path that it was given, not beside what that links to; since 1.24 it
//! refuses one whose real path lies in neither folder. Here it is known earlier, and with the tensor, the file and what
//! to do.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::protobuf::{Defect, Field, Fields, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{FileRole, ModelSpec};

/// A tensor in another file, as a graph refers to it (`TensorProto.external_data`).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tensor<'bytes> {
    name: &'bytes str,
    /// A path from the folder of the graph's file.
    location: &'bytes str,
    /// In bytes.
    offset: u64,
    /// In bytes; to the end where a graph does not say.
    length: Option<u64>,
}

impl<'bytes> Tensor<'bytes> {
    /// The reference in a `TensorProto` (field numbers: name 8, `external_data` 13, `data_location` 14), or nothing where
    /// its numbers are in the graph.
    pub fn read(tensor: &'bytes [u8]) -> std::result::Result<Option<Self>, Defect> {
        let mut found = Self::default();
        let (mut outside, mut location) = (false, None);
        for field in Fields(tensor) {
            let Field { number, value, .. } = field?;
            match (number, value) {
                (8, Value::Content(name)) => found.name = text(name)?,
                (13, Value::Content(entry)) => {
                    outside = true;
                    let (key, value) = read_entry(entry)?;
                    let number = || value.parse().map_err(|_| "the place of a tensor in another file is no number");
                    match key {
                        "location" if location.replace(value).is_some() => {
                            return Err("a tensor has two locations");
                        }
                        "offset" => found.offset = number()?,
                        "length" => found.length = Some(number()?),
                        _ => {}
                    }
                }
                (14, Value::Number(place)) => outside |= place == 1,
                _ => {}
            }
        }
        if !outside {
            return Ok(None);
        }
        found.location = location.ok_or("a tensor in another file does not say in which")?;
        Ok(Some(found))
    }

    /// The path of its file, from the folder of the graph's file.
    pub fn location(&self) -> &'bytes str {
        self.location
    }
}

/// Key and value of a `StringStringEntryProto`; of several, a reader takes the last.
pub(super) fn read_entry(entry: &[u8]) -> std::result::Result<(&str, &str), Defect> {
    let mut pair = ("", "");
    for field in Fields(entry) {
        let Field { number, value, .. } = field?;
        match (number, value) {
            (1, Value::Content(bytes)) => pair.0 = text(bytes)?,
            (2, Value::Content(bytes)) => pair.1 = text(bytes)?,
            _ => {}
        }
    }
    Ok(pair)
}

/// Whether a location stays, as it is written, in the folder of the graph's file or below it.
pub(super) fn is_below(location: &str) -> bool {
    !location.is_empty()
        && Path::new(location).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn text(bytes: &[u8]) -> std::result::Result<&str, Defect> {
    std::str::from_utf8(bytes).map_err(|_| "a name in it is no text")
}

/// Sees to it that each tensor lies in a file of the model that its spec lists, and within that file.
///
/// # Errors
/// Each names tensor and file: [`ErrorKind::Integrity`] for a path that leads out of the model's folder (and, in a hub
/// cache, of the folder that the graph's file links into) or to what is no file, and for a file that ends too early;
/// [`ErrorKind::ModelMissing`] for one that is not there; [`ErrorKind::SpecInvalid`] for one that the spec does not list.
pub(super) fn check(spec: &ModelSpec, graph: &Path, tensors: &[Tensor]) -> Result<()> {
    let mut sizes: HashMap<&str, (PathBuf, u64)> = HashMap::new();
    for tensor in tensors {
        if !sizes.contains_key(tensor.location) {
            sizes.insert(tensor.location, open_location(spec, graph, tensor)?);
        }
        let (file, size) = &sizes[tensor.location];
        let end = tensor.offset.checked_add(tensor.length.unwrap_or(0));
        if end.is_none_or(|end| end > *size) {
            return Err(refuse(
                ErrorKind::Integrity,
                graph,
                tensor,
                file,
                &format!(
                    "which has {size} bytes, at {} to {}; fetch the model again with `patina model add {}`",
                    tensor.offset,
                    end.map_or_else(|| "a place past all files".to_owned(), |end| end.to_string()),
                    spec.key
                ),
            ));
        }
    }
    Ok(())
}

/// The file at a tensor's location and its size, once it is known to be the model's.
fn open_location(spec: &ModelSpec, graph: &Path, tensor: &Tensor) -> Result<(PathBuf, u64)> {
    let folder = graph.parent().unwrap_or(Path::new(""));
    let file = folder.join(tensor.location);
    let refuse = |kind, what: &str| refuse(kind, graph, tensor, &file, what);
    if !is_below(tensor.location) {
        return Err(refuse(ErrorKind::Integrity, "which leads out of the model's folder; do not use this file"));
    }
    let missing = |source: std::io::Error| {
        let what = format!("which cannot be found; run `patina model add {}`", spec.key);
        refuse(ErrorKind::ModelMissing, &what).with_source(source)
    };
    let real = file.canonicalize().map_err(missing)?;
    let facts = real.metadata().map_err(missing)?;
    if !facts.is_file() {
        return Err(refuse(ErrorKind::Integrity, "which is no ordinary file"));
    }
    // In a hub cache the graph is a link to a file among the blobs, and so is its data.
    let homes = [folder.canonicalize().map_err(missing)?, graph.canonicalize().map_err(missing)?];
    let inside = real.starts_with(&homes[0]) || homes[1].parent().is_some_and(|blobs| real.starts_with(blobs));
    if !inside {
        let what = format!("which links to {}, outside the model's folder; put the file itself there", real.display());
        return Err(refuse(ErrorKind::Integrity, &what));
    }
    let listed = spec
        .files
        .iter()
        .filter(|file| file.role == FileRole::ExternalData)
        .any(|listed| listed.path.canonicalize().is_ok_and(|listed| listed == real));
    if !listed {
        let what = format!(
            "which the entry of model {} does not list, so nobody checked its digest; add it there with the role \
             external-data",
            spec.key
        );
        return Err(refuse(ErrorKind::SpecInvalid, &what));
    }
    Ok((file, facts.len()))
}

fn refuse(kind: ErrorKind, graph: &Path, tensor: &Tensor, file: &Path, what: &str) -> Error {
    Error::new(kind, format!("{} keeps tensor {:?} in {:?}, {what}", graph.display(), tensor.name, tensor.location))
        .with_file(file)
}
