//! What the architectures read out of `config.json`: unlike an exported graph, safetensors say nothing of how to compute.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::quantization::Quantization;
use crate::config::LARGEST_FILE;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::{Architecture, FileRole, ModelSpec};

/// A model has some dozens of layers; memory is taken for each before the first of its tensors is looked for.
const MOST_LAYERS: usize = 4096;

/// A parsed `config.json`.
pub(super) struct ConfigFile {
    path: PathBuf,
    value: Value,
}

impl ConfigFile {
    /// Reads the spec's configuration, which a model on MLX needs.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`], [`ErrorKind::ModelMissing`] where there is none, [`ErrorKind::Integrity`] where it
    /// cannot be read.
    pub fn read(spec: &ModelSpec) -> Result<Self> {
        let path = spec.file(FileRole::Config)?;
        let bytes = read_limited(path, LARGEST_FILE, ErrorKind::Integrity)?;
        let value = serde_json::from_slice(&bytes).map_err(|error| damaged(path, &error.to_string()))?;
        Ok(Self { path: path.to_path_buf(), value })
    }

    /// The fields that an architecture needs.
    pub fn fields<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.value).map_err(|error| damaged(&self.path, &error.to_string()))
    }

    /// How the weights are quantised; nothing is where the file does not say so.
    pub fn quantization(&self, architecture: Architecture) -> Result<Quantization> {
        let mut stated = ["quantization", "quantization_config"].into_iter().filter_map(|key| self.value.get(key));
        let stated = stated.find(|stated| !stated.is_null());
        match stated {
            None => Ok(Quantization::default()),
            // MLX's own tools name no method.
            Some(Value::Object(stated)) if stated.contains_key("quant_method") => Err(self.unsupported(&format!(
                "its weights are quantised by {}, which MLX does not compute; take MLX's own conversion of the model, or \
                 weights that are not quantised",
                stated["quant_method"]
            ))),
            Some(stated) => Quantization::read(stated, architecture).map_err(|error| error.with_file(&self.path)),
        }
    }

    /// An error for a setting that this engine would compute wrongly.
    pub fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("{}: {what}", self.path.display())).with_file(&self.path)
    }

    /// An error for settings that contradict each other.
    pub fn contradiction(&self, what: &str) -> Error {
        damaged(&self.path, what)
    }

    /// Checks the number of layers, and that there is at least one of everything else by its key: of tensors without
    /// numbers MLX reads what lies beside them.
    pub fn check_counts(&self, layers: usize, counts: &[(&str, usize)]) -> Result<()> {
        if layers == 0 || layers > MOST_LAYERS {
            return Err(self.contradiction(&format!("num_hidden_layers is {layers}")));
        }
        match counts.iter().find(|(_, count)| *count == 0) {
            Some((key, _)) => Err(self.contradiction(&format!("{key} is 0"))),
            None => Ok(()),
        }
    }

    /// Checks what is added to a variance before its root is taken: numbers beyond float32 are read as infinity.
    pub fn check_epsilon(&self, key: &str, epsilon: f32) -> Result<()> {
        if epsilon.is_finite() && epsilon >= 0.0 {
            return Ok(());
        }
        Err(self.contradiction(&format!("{key} is {epsilon} in float32")))
    }
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Integrity,
        format!("{} is no model configuration that MLX can be driven by: {why}", path.display()),
    )
    .with_file(path)
}
