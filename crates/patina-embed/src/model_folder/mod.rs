//! A model in a folder of its own, as sentence-transformers lays it out, becomes a [`ModelSpec`]: what its files say is
//! taken from them, what they leave open is the caller's to say, and nothing is guessed.

mod files;
mod limit;
mod modules;
mod prompts;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use self::files::Weights;
use self::modules::Modules;
use self::prompts::{PASSAGE, Prompts, QUERY, Side};
use crate::config::{LARGEST_FILE, ModelConfig, check_limits};
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::{Architecture, ModelSpec, Pooling, Runtime, no_mlx_graph};

/// A folder with a model, and what the caller knows of it. What is said here counts before what the files say.
#[derive(Debug, Clone)]
pub struct ModelFolder {
    path: PathBuf,
    runtime: Option<Runtime>,
    graph: Option<PathBuf>,
    pooling: Option<Pooling>,
    normalize: Option<bool>,
    max_tokens: Option<usize>,
    query_template: Option<String>,
    passage_template: Option<String>,
}

impl ModelSpec {
    /// The model in a folder as sentence-transformers lays it out: [`ModelFolder::new`] and [`ModelFolder::read`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use patina_embed::{EmbeddingEngine, Engine, EngineOptions, ModelSpec, onnx};
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/bert-prompts");
    ///
    /// let spec = ModelSpec::from_dir(folder)?;
    /// assert_eq!(spec.query_template.as_deref(), Some("query: {text}"));
    ///
    /// let onnx_library = onnx::find_library(&std::env::current_dir()?);
    /// let engine = Engine::open(spec, &EngineOptions { onnx_library, ..EngineOptions::default() })?;
    /// assert_eq!(engine.embed_query("what protects copper?")?.len(), 32);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`ModelFolder::read`].
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self> {
        ModelFolder::new(path).read()
    }
}

impl ModelFolder {
    /// A folder that holds `config.json`, `tokenizer.json` and a graph or safetensors, and beside them `modules.json`,
    /// `1_Pooling/config.json`, `sentence_bert_config.json`, `tokenizer_config.json` and
    /// `config_sentence_transformers.json` where the model has them.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
            runtime: None,
            graph: None,
            pooling: None,
            normalize: None,
            max_tokens: None,
            query_template: None,
            passage_template: None,
        }
    }

    /// Which runtime's files to take: ONNX Runtime's graph, or the safetensors that MLX reads, `model.safetensors` or the
    /// shards of `model.safetensors.index.json`. Without it, the graph where there is one, else the safetensors.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use patina_embed::{ModelFolder, Runtime};
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/bert-prompts");
    ///
    /// let spec = ModelFolder::new(folder).runtime(Runtime::Mlx).read()?;
    /// # #[cfg(feature = "mlx")]
    /// # {
    /// use patina_embed::{EmbeddingEngine, Engine, EngineOptions};
    ///
    /// let engine = Engine::open(spec, &EngineOptions::default())?;
    /// assert_eq!(engine.embed_query("what protects copper?")?.len(), 32);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// The graph within the folder. Without it, `onnx/model.onnx` or `model.onnx`.
    #[must_use]
    pub fn graph(mut self, path: impl AsRef<Path>) -> Self {
        self.graph = Some(path.as_ref().to_path_buf());
        self
    }

    /// How token vectors become one, for a folder without `1_Pooling/config.json`.
    #[must_use]
    pub fn pooling(mut self, pooling: Pooling) -> Self {
        self.pooling = Some(pooling);
        self
    }

    /// Whether vectors are brought to unit length, for a folder without `modules.json`.
    #[must_use]
    pub fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = Some(normalize);
        self
    }

    /// Tokens a text may have, special tokens included. Without it, the `max_seq_length` of `sentence_bert_config.json`,
    /// else the smaller of what the tokenizer's configuration and the model's positions allow.
    #[must_use]
    pub fn max_tokens(mut self, tokens: usize) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Put around a query: `{text}` once, and alone for nothing. Without it, the prompt that the folder calls `query`, if
    /// any.
    #[must_use]
    pub fn query_template(mut self, template: impl Into<String>) -> Self {
        self.query_template = Some(template.into());
        self
    }

    /// Put around a passage. Without it, the prompt that the folder calls `passage`, `document` or `corpus`, if any.
    #[must_use]
    pub fn passage_template(mut self, template: impl Into<String>) -> Self {
        self.passage_template = Some(template.into());
        self
    }

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

/// The contents of a JSON file, or nothing where there is no such file.
fn read_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    if matches!(file.try_exists(), Ok(false)) {
        return Ok(None);
    }
    let bytes = read_limited(file, LARGEST_FILE, ErrorKind::Integrity)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|source| {
        let message = format!("{} is not what its name says", file.display());
        Error::new(ErrorKind::Integrity, message).with_file(file).with_source(source)
    })
}
