//! A model in a folder of its own, as sentence-transformers lays it out, becomes a [`ModelSpec`]: what its files say is
//! taken from them, what they leave open is the caller's to say, and nothing is guessed.

mod files;
mod limit;
mod modules;
mod prompts;
mod read;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::config::LARGEST_FILE;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::{ModelSpec, Pooling, Runtime};

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
