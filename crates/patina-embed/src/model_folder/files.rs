//! The files of a model in a folder, with the digests they have now: those of either runtime.

use std::path::{Path, PathBuf};

use crate::digest::sha256_file;
use crate::error::{Error, ErrorKind, Result};
use crate::numerics::Numerics;
use crate::safetensors::header::{Tensor, read_header};
use crate::safetensors::index::shards;
use crate::safetensors::numerics::numerics;
use crate::spec::{FileRole, ModelFile, Runtime};

/// Where sentence-transformers and optimum write a graph.
const GRAPHS: [&str; 2] = ["onnx/model.onnx", "model.onnx"];

/// Safetensors in one file, and which tensor is in which of several.
const SAFETENSORS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// Files that one runtime reads beside tokenizer and configuration.
pub(super) struct Weights {
    pub runtime: Runtime,
    /// The graph, or the safetensors.
    main: Vec<PathBuf>,
    /// Tensors beside a graph, the index of shards.
    others: Vec<(FileRole, PathBuf)>,
}

impl Weights {
    /// What the folder has for `runtime`. Where the caller names none it is ONNX Runtime's where there is a graph, else
    /// MLX's. `graph` is the one that the caller names.
    ///
    /// # Errors
    /// [`ErrorKind::ModelMissing`], [`ErrorKind::Integrity`]; [`ErrorKind::InvalidInput`] for a graph that is named for
    /// MLX; [`ErrorKind::RuntimeUnavailable`] for a graph in a build that cannot look into it.
    pub fn find(folder: &Path, runtime: Option<Runtime>, graph: Option<&Path>) -> Result<Self> {
        let candidates = graph.map_or_else(|| GRAPHS.map(PathBuf::from).to_vec(), |named| vec![named.to_path_buf()]);
        if runtime == Some(Runtime::Mlx) {
            if let Some(named) = graph {
                let message = format!(
                    "{} is a graph for ONNX Runtime, and MLX reads safetensors; leave out ModelFolder::graph or \
                     ModelFolder::runtime",
                    named.display()
                );
                return Err(Error::new(ErrorKind::InvalidInput, message).with_file(folder.join(named)));
            }
            return Self::safetensors(folder)?.ok_or_else(|| {
                let message = format!("{} holds no {SAFETENSORS} and no {INDEX}, which MLX reads", folder.display());
                Error::new(ErrorKind::ModelMissing, message).with_file(folder.join(SAFETENSORS))
            });
        }
        if let Some(found) = candidates.iter().map(|path| folder.join(path)).find(|path| path.is_file()) {
            let others = data_files(&found)?.into_iter().map(|path| (FileRole::ExternalData, path)).collect();
            return Ok(Self { runtime: Runtime::Onnx, main: vec![found], others });
        }
        if runtime.is_none()
            && graph.is_none()
            && let Some(found) = Self::safetensors(folder)?
        {
            return Ok(found);
        }
        let places: Vec<String> = candidates.iter().map(|path| path.display().to_string()).collect();
        let message = format!(
            "{} holds no {}; export the model to ONNX, name its graph with ModelFolder::graph, or put {SAFETENSORS} there \
             for MLX",
            folder.display(),
            places.join(" and no ")
        );
        Err(Error::new(ErrorKind::ModelMissing, message).with_file(folder.join(&candidates[0])))
    }

    /// One file, or else the shards of an index.
    fn safetensors(folder: &Path) -> Result<Option<Self>> {
        let (whole, index) = (folder.join(SAFETENSORS), folder.join(INDEX));
        let (main, others) = if whole.is_file() {
            (vec![whole], Vec::new())
        } else if index.is_file() {
            (shards(&index)?, vec![(FileRole::Other, index)])
        } else {
            return Ok(None);
        };
        Ok(Some(Self { runtime: Runtime::Mlx, main, others }))
    }

    /// The graph's name without its ending; of safetensors, which have one name all, what they are in.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] for safetensors that are none.
    pub fn variant(&self) -> Result<String> {
        if self.runtime == Runtime::Onnx {
            let stem = self.main.first().and_then(|path| path.file_stem());
            return Ok(stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default());
        }
        let headers = self.main.iter().map(|path| read_header(path)).collect::<Result<Vec<Vec<Tensor>>>>()?;
        Ok(numerics(headers.iter().flatten()).map_or("safetensors", Numerics::label).to_owned())
    }

    /// These files, the tokenizer and the configuration of the model in `folder`.
    ///
    /// # Errors
    /// [`ErrorKind::ModelMissing`] with the file that cannot be read.
    pub fn digested(&self, folder: &Path) -> Result<Vec<ModelFile>> {
        let weights = self.main.iter().map(|path| (FileRole::Weights, path.clone()));
        let shared = [(FileRole::Tokenizer, "tokenizer.json"), (FileRole::Config, "config.json")];
        let shared = shared.map(|(role, name)| (role, folder.join(name)));
        weights.chain(shared).chain(self.others.iter().cloned()).map(digest).collect()
    }
}

fn digest((role, path): (FileRole, PathBuf)) -> Result<ModelFile> {
    match sha256_file(&path) {
        Ok(sha256) => Ok(ModelFile { role, path, sha256 }),
        Err(source) => {
            let message = format!("{} of the model cannot be read", path.display());
            Err(Error::new(ErrorKind::ModelMissing, message).with_file(path).with_source(source))
        }
    }
}

#[cfg(feature = "onnx")]
use crate::onnx::data_files;

/// Nothing here reads a graph, so nobody knows what it keeps elsewhere.
#[cfg(not(feature = "onnx"))]
fn data_files(graph: &Path) -> Result<Vec<PathBuf>> {
    let message = format!(
        "{} is a graph for ONNX Runtime, which this build lacks: build with the feature onnx, or take the safetensors of \
         the folder with ModelFolder::runtime(Runtime::Mlx)",
        graph.display()
    );
    Err(Error::new(ErrorKind::RuntimeUnavailable, message).with_file(graph))
}
