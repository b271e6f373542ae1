//! Tensors that an ONNX file keeps in other files: each of those has to be a verified file of the model, within its
//! folder, and long enough, before ONNX Runtime opens any.
//!
//! ONNX Runtime looks for such a file beside the path that it was given, not beside what that links to; since 1.24 it
//! refuses one whose real path lies in neither folder. Here it is known earlier, and with the tensor, the file and what
//! to do.

use std::collections::{BTreeSet, HashMap};
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
    /// Copies of it in the layout of a processor's kernels, as [`super::packed`] reads them.
    pub packed: Vec<&'bytes str>,
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
                        _ if key.starts_with("prepacked_") => found.packed.push(value),
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

fn text(bytes: &[u8]) -> std::result::Result<&str, Defect> {
    std::str::from_utf8(bytes).map_err(|_| "a name in it is no text")
}

/// A graph's word on where a tensor lies.
pub(super) struct Reference<'a> {
    pub graph: &'a Path,
    pub tensor: &'a str,
    /// A path from the folder of the graph's file.
    pub location: &'a str,
    /// What to do where there is no such file.
    pub remedy: &'a str,
}

/// A file that a graph may have opened.
pub(super) struct Located {
    /// Beside the graph, as the graph names it.
    pub file: PathBuf,
    /// Where that leads.
    real: PathBuf,
    /// In bytes.
    pub size: u64,
}

impl Reference<'_> {
    /// The file at the location, once it is known to be an ordinary one that lies with the model.
    ///
    /// # Errors
    /// Each names tensor and file: [`ErrorKind::Integrity`] for a path that leads out of the model's folder (and, in a
    /// hub cache, of the folder that the graph's file links into) or to what is no file; [`ErrorKind::ModelMissing`] for
    /// one that is not there.
    pub fn locate(&self) -> Result<Located> {
        let folder = self.graph.parent().unwrap_or(Path::new(""));
        let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if self.location.is_empty() || !Path::new(self.location).components().all(is_below) {
            return Err(
                self.refuse(ErrorKind::Integrity, "which leads out of the model's folder; do not use this file")
            );
        }
        let missing = |source: std::io::Error| {
            let what = format!("which cannot be found; {}", self.remedy);
            self.refuse(ErrorKind::ModelMissing, &what).with_source(source)
        };
        let file = self.file();
        let real = file.canonicalize().map_err(missing)?;
        let facts = real.metadata().map_err(missing)?;
        if !facts.is_file() {
            return Err(self.refuse(ErrorKind::Integrity, "which is no ordinary file"));
        }
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // In a hub cache the graph is a link to a file among the blobs, and so is its data.
        let homes = [folder.canonicalize().map_err(missing)?, self.graph.canonicalize().map_err(missing)?];
        let inside = real.starts_with(&homes[0]) || homes[1].parent().is_some_and(|blobs| real.starts_with(blobs));
        if !inside {
            let what =
                format!("which links to {}, outside the model's folder; put the file itself there", real.display());
            return Err(self.refuse(ErrorKind::Integrity, &what));
        }
        Ok(Located { file, real, size: facts.len() })
    }

    /// An error that names tensor and file.
    fn refuse(&self, kind: ErrorKind, what: &str) -> Error {
        let (graph, tensor, location) = (self.graph.display(), self.tensor, self.location);
        Error::new(kind, format!("{graph} keeps tensor {tensor:?} in {location:?}, {what}")).with_file(self.file())
    }

    fn file(&self) -> PathBuf {
        self.graph.parent().unwrap_or(Path::new("")).join(self.location)
    }
}

/// The files that tensors of a graph lie in, sorted, each known to lie with the model.
///
/// # Errors
/// Those of [`Reference::locate`].
pub(super) fn files(graph: &Path, tensors: &[Tensor]) -> Result<Vec<PathBuf>> {
    let remedy = "put it there: it belongs to the graph";
    let locate = |tensor: &Tensor| {
        let reference = Reference { graph, tensor: tensor.name, location: tensor.location, remedy };
        reference.locate().map(|located| located.file)
    };
    let files = tensors.iter().map(locate).collect::<Result<BTreeSet<_>>>()?;
    Ok(files.into_iter().collect())
}

/// Sees to it that each tensor lies in a file of the model that its spec lists, and within that file.
///
/// # Errors
/// Those of [`Reference::locate`]; [`ErrorKind::Integrity`] for packed numbers and for a file that ends too early;
/// [`ErrorKind::SpecInvalid`] for one that the spec does not list.
pub(super) fn check(spec: &ModelSpec, graph: &Path, tensors: &[Tensor]) -> Result<()> {
    let add = format!("patina model add {}", spec.key);
    let remedy = format!("run `{add}`");
    let mut sizes: HashMap<&str, u64> = HashMap::new();
    if let Some(tensor) = tensors.iter().find(|tensor| !tensor.packed.is_empty()) {
        let reference = Reference { graph, tensor: tensor.name, location: tensor.location, remedy: &remedy };
        let what = "packed for one kind of processor, which a model for all must not be; export it again";
        return Err(reference.refuse(ErrorKind::Integrity, what));
    }
    for tensor in tensors {
        let reference = Reference { graph, tensor: tensor.name, location: tensor.location, remedy: &remedy };
        if !sizes.contains_key(tensor.location) {
            sizes.insert(tensor.location, listed_size(spec, &reference)?);
        }
        let size = sizes[tensor.location];
        let end = tensor.offset.checked_add(tensor.length.unwrap_or(0));
        if end.is_none_or(|end| end > size) {
            let what = format!(
                "which has {size} bytes, at {} to {}; fetch the model again with `{add}`",
                tensor.offset,
                end.map_or_else(|| "a place past all files".to_owned(), |end| end.to_string()),
            );
            return Err(reference.refuse(ErrorKind::Integrity, &what));
        }
    }
    Ok(())
}

/// The size of the file at a tensor's location, once it is known to be the model's.
fn listed_size(spec: &ModelSpec, reference: &Reference) -> Result<u64> {
    let Located { real, size, .. } = reference.locate()?;
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
        return Err(reference.refuse(ErrorKind::SpecInvalid, &what));
    }
    Ok(size)
}
