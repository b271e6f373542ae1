//! From a folder's files, and what the caller says, to the spec.

use std::path::Path;

use super::ModelFolder;
use super::files::Weights;
use super::limit;
use super::modules::Modules;
use super::prompts::{PASSAGE, Prompts, QUERY, Side};
use crate::config::{ModelConfig, check_limits};
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{Architecture, ModelSpec, Runtime, no_mlx_graph};

impl ModelFolder {
    /// Reads the folder's files; the digests in the spec are those they have now. The key and the name are the folder's.
    ///
    /// # Errors
    /// [`ErrorKind::ModelMissing`] for a file that has to be there; [`ErrorKind::SpecInvalid`] where the files leave
    /// something open, naming the call that supplies it, or contradict one another; [`ErrorKind::Unsupported`] for an
    /// architecture, a module or a pooling that this crate does not compute; [`ErrorKind::Integrity`] for a file that is
    /// not what its name says; [`ErrorKind::InvalidInput`] for a graph that is named for MLX;
    /// [`ErrorKind::RuntimeUnavailable`] for a graph in a build without the feature `onnx`.
    pub fn read(&self) -> Result<ModelSpec> {
        let folder = self.path.canonicalize().map_err(|source| {
            let message = format!("{} is no folder that can be read", self.path.display());
            Error::new(ErrorKind::ModelMissing, message).with_file(&self.path).with_source(source)
        })?;
        let file = folder.join("config.json");
        if matches!(file.try_exists(), Ok(false)) {
            let message = format!("{} is not there; it says what the model is", file.display());
            return Err(Error::new(ErrorKind::ModelMissing, message).with_file(&file));
        }
        let config = ModelConfig::read_file(&file)?;
        let architecture = architecture(&file, config.model_type.as_deref())?;
        let dimension = config.hidden_size.ok_or_else(|| {
            Error::new(ErrorKind::SpecInvalid, format!("{} has no hidden_size", file.display())).with_file(&file)
        })?;
        let modules = Modules::read(&folder)?;
        let prompts = Prompts::read(&folder)?;
        let limit = limit::read(&folder, config.positions(architecture))?;
        let name = folder.file_name().map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned());
        let weights = Weights::find(&folder, self.runtime, self.graph.as_deref())?;
        if (architecture, weights.runtime) == (Architecture::NomicBert, Runtime::Mlx) {
            return Err(no_mlx_graph(&name).with_file(&folder));
        }
        let said = |what: &str, place: &str, call: &str| {
            let message = format!("{} does not say {what}: {place}; say it with ModelFolder::{call}", folder.display());
            Error::new(ErrorKind::SpecInvalid, message).with_file(&folder)
        };
        let template = |said: Option<&String>, side: &Side| match said {
            Some(said) => Ok(Some(said.clone())),
            None => prompts.template(side),
        };
        let spec = ModelSpec {
            architecture,
            dimension,
            min_dimension: None,
            max_tokens: self.max_tokens.or(limit).ok_or_else(|| {
                said("how many tokens a text may have", "neither it nor its tokenizer has a limit", "max_tokens")
            })?,
            pooling: match self.pooling {
                Some(pooling) => pooling,
                None => modules.pooling(dimension)?.ok_or_else(|| {
                    said("how token vectors become one", "no pooling module has a config.json", "pooling")
                })?,
            },
            normalize: self.normalize.or_else(|| modules.normalizes()).ok_or_else(|| {
                said("whether vectors are brought to unit length", "there is no modules.json", "normalize")
            })?,
            query_template: template(self.query_template.as_ref(), &QUERY)?,
            passage_template: template(self.passage_template.as_ref(), &PASSAGE)?,
            default_task: None,
            variant: weights.variant()?,
            runtime: weights.runtime,
            files: weights.digested(&folder)?,
            key: name.clone(),
            name,
        };
        spec.validate()?;
        check_limits(&spec, &config)?;
        Ok(spec)
    }
}

fn architecture(file: &Path, model_type: Option<&str>) -> Result<Architecture> {
    match model_type {
        Some("bert") => Ok(Architecture::Bert),
        Some("xlm-roberta") => Ok(Architecture::XlmRoberta),
        Some("nomic_bert") => Ok(Architecture::NomicBert),
        Some("qwen3") => Ok(Architecture::Qwen3),
        other => {
            let message = format!(
                "{} has the model_type {}; this version runs bert, xlm-roberta, nomic_bert and qwen3",
                file.display(),
                other.unwrap_or("of nobody knows what")
            );
            Err(Error::new(ErrorKind::Unsupported, message).with_file(file))
        }
    }
}
