//! The files of a model in a folder, with the digests they have now.

use std::path::{Path, PathBuf};

use crate::digest::sha256_file;
use crate::error::{Error, ErrorKind, Result};
use crate::onnx::data_files;
use crate::spec::{FileRole, ModelFile};

/// Where sentence-transformers and optimum write a graph.
const GRAPHS: [&str; 2] = ["onnx/model.onnx", "model.onnx"];

/// The graph that the caller names, or the one in a usual place.
pub(super) fn graph(folder: &Path, named: Option<&Path>) -> Result<PathBuf> {
    let candidates = named.map_or_else(|| GRAPHS.map(PathBuf::from).to_vec(), |named| vec![named.to_path_buf()]);
    if let Some(found) = candidates.iter().map(|path| folder.join(path)).find(|path| path.is_file()) {
        return Ok(found);
    }
    let places: Vec<String> = candidates.iter().map(|path| path.display().to_string()).collect();
    let message = format!(
        "{} holds no {}; export the model to ONNX, or name its graph with ModelFolder::graph",
        folder.display(),
        places.join(" and no ")
    );
    Err(Error::new(ErrorKind::ModelMissing, message).with_file(folder.join(&candidates[0])))
}

/// The graph, the tensors beside it, tokenizer and configuration.
pub(super) fn digested(folder: &Path, graph: &Path) -> Result<Vec<ModelFile>> {
    let mut files = vec![
        (FileRole::Weights, graph.to_path_buf()),
        (FileRole::Tokenizer, folder.join("tokenizer.json")),
        (FileRole::Config, folder.join("config.json")),
    ];
    files.extend(data_files(graph)?.into_iter().map(|path| (FileRole::ExternalData, path)));
    let digest = |(role, path): (FileRole, PathBuf)| match sha256_file(&path) {
        Ok(sha256) => Ok(ModelFile { role, path, sha256 }),
        Err(source) => {
            let message = format!("{} of the model cannot be read", path.display());
            Err(Error::new(ErrorKind::ModelMissing, message).with_file(path).with_source(source))
        }
    };
    files.into_iter().map(digest).collect()
}
