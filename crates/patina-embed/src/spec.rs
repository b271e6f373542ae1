//! What an engine is told about a model: facts from the registry, with files that are on this disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Numbers that a vector may have: room for the results is made before the model is asked, and none comes near.
const MOST_DIMENSIONS: usize = 1 << 16;

/// Tokens that a text may have, far above what any model of these families was trained for.
const MOST_TOKENS: usize = 1 << 22;

/// The family of a model's graph. It decides which inputs a runtime has to feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// BERT and what shares its inputs.
    Bert,
    /// XLM-RoBERTa: positions start behind the padding id.
    XlmRoberta,
    /// `NomicBERT`: rotary positions.
    NomicBert,
    /// Qwen3: a causal decoder.
    Qwen3,
}

/// The error for a [`Architecture::NomicBert`] that is wanted on MLX.
pub(crate) fn no_mlx_graph(model: &str) -> Error {
    let message = format!(
        "model {model} is a NomicBERT, which has no MLX graph here; use runtime onnx, exporting it where need be"
    );
    Error::new(ErrorKind::Unsupported, message)
}

/// How the vectors of a text's tokens become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The mean over real tokens.
    Mean,
    /// The first token.
    Cls,
    /// The last real token.
    Last,
}

/// What computes the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// ONNX Runtime.
    Onnx,
    /// Apple's MLX.
    Mlx,
}

impl Runtime {
    /// The name used in recipes, options and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Mlx => "mlx",
        }
    }
}

/// What a file of a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileRole {
    /// `tokenizer.json`
    Tokenizer,
    /// `config.json`
    Config,
    /// The graph or the tensors.
    Weights,
    /// Tensors that an ONNX graph keeps in a file of its own.
    ExternalData,
    /// Anything else.
    Other,
}

/// A file of a model, on disk and verified by whoever made the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// What it is for.
    pub role: FileRole,
    /// Where it is, absolute.
    pub path: PathBuf,
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits. It enters the encoder's identity.
    pub sha256: String,
}

/// A resolved model: what an engine is opened with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelSpec {
    /// The registry's key (`e5-base-v2`).
    pub key: String,
    /// The name for people (`E5-base-v2`).
    pub name: String,
    /// The family of the graph.
    pub architecture: Architecture,
    /// Numbers in a full vector.
    pub dimension: usize,
    /// The least dimension a vector may be cut to; only where the model is trained for cutting (MRL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_dimension: Option<usize>,
    /// Tokens a text may have, special tokens included.
    pub max_tokens: usize,
    /// How token vectors become one.
    pub pooling: Pooling,
    /// Whether vectors are brought to unit length.
    pub normalize: bool,
    /// Put around a query; `{text}` and, where the model takes one, `{task}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_template: Option<String>,
    /// Put around a passage; `{text}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage_template: Option<String>,
    /// Fills `{task}` where a call gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_task: Option<String>,
    /// Which numbers the weights are in (`fp32`, `int8`).
    pub variant: String,
    /// Which runtime these files are for.
    pub runtime: Runtime,
    /// The files.
    pub files: Vec<ModelFile>,
}

impl ModelSpec {
    /// Checks what can be checked without opening a file.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`] naming the field that cannot be.
    pub fn validate(&self) -> Result<()> {
        let fail = |what: String| Err(Error::new(ErrorKind::SpecInvalid, format!("model {}: {what}", self.key)));
        if !(1..=MOST_DIMENSIONS).contains(&self.dimension) {
            return fail(format!("dimension {} lies outside 1 to {MOST_DIMENSIONS}", self.dimension));
        }
        if let Some(least) = self.min_dimension
            && (least == 0 || least > self.dimension)
        {
            return fail(format!("min_dimension {least} lies outside 1 to dimension {}", self.dimension));
        }
        // Two special tokens and one of content: below that no text has a vector of its own.
        if self.max_tokens < 3 {
            return fail(format!("max_tokens {} leaves no room for text", self.max_tokens));
        }
        if self.max_tokens > MOST_TOKENS {
            return fail(format!("max_tokens {} is more than the {MOST_TOKENS} that an engine takes", self.max_tokens));
        }
        for (name, template) in [("query_template", &self.query_template), ("passage_template", &self.passage_template)]
        {
            if let Some(template) = template
                && !template.contains("{text}")
            {
                return fail(format!("{name} {template:?} has no {{text}}"));
            }
        }
        for file in &self.files {
            if file.sha256.len() != 64 || !file.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return fail(format!("{:?} is no SHA-256 of {}", file.sha256, file.path.display()));
            }
        }
        Ok(())
    }

    /// The files with this role, in the spec's order.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`] where the spec has none, [`ErrorKind::ModelMissing`] where one is not on disk.
    pub fn files_of(&self, role: FileRole) -> Result<Vec<&Path>> {
        let files: Vec<&Path> =
            self.files.iter().filter(|file| file.role == role).map(|file| file.path.as_path()).collect();
        if files.is_empty() {
            return Err(Error::new(ErrorKind::SpecInvalid, format!("model {} names no {role:?} file", self.key)));
        }
        if let Some(path) = files.iter().find(|path| !path.is_file()) {
            return Err(Error::new(
                ErrorKind::ModelMissing,
                format!("{} of model {} is not there; run `patina model add {}`", path.display(), self.key, self.key),
            )
            .with_file(path));
        }
        Ok(files)
    }

    /// The one file with this role.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`] where the spec has none or several, [`ErrorKind::ModelMissing`] where it is not on
    /// disk.
    pub fn file(&self, role: FileRole) -> Result<&Path> {
        match self.files_of(role)?[..] {
            [file] => Ok(file),
            _ => Err(Error::new(
                ErrorKind::SpecInvalid,
                format!("model {} names several {role:?} files; this runtime reads one", self.key),
            )),
        }
    }
}
