//! `ModelSpec` as JavaScript writes it. Its TypeScript declaration is generated from here.

use napi_derive::napi;
use patina_embed::{ErrorKind, FileRole};
use serde::de::DeserializeOwned;

use crate::outcome::NativeError;

/// A resolved model: facts from the registry, with files that are on this disk and verified.
#[napi(object)]
#[derive(Debug, Clone)]
pub struct ModelSpec {
    /// The registry's key (`e5-base-v2`).
    pub key: String,
    /// The name for people (`E5-base-v2`).
    pub name: String,
    /// The family of the graph.
    #[napi(ts_type = "'bert' | 'xlm-roberta' | 'nomic-bert' | 'qwen3'")]
    pub architecture: String,
    /// Numbers in a full vector.
    pub dimension: f64,
    /// The least dimension a vector may be cut to; only where the model is trained for cutting (MRL).
    pub min_dimension: Option<f64>,
    /// Tokens a text may have, special tokens included.
    pub max_tokens: f64,
    /// How token vectors become one.
    #[napi(ts_type = "'mean' | 'cls' | 'last'")]
    pub pooling: String,
    /// Whether vectors are brought to unit length.
    pub normalize: bool,
    /// Put around a query; `{text}` and, where the model takes one, `{task}`.
    pub query_template: Option<String>,
    /// Put around a passage; `{text}`.
    pub passage_template: Option<String>,
    /// Fills `{task}` where a call gives none.
    pub default_task: Option<String>,
    /// Which numbers the weights are in (`fp32`, `int8`).
    pub variant: String,
    /// Which runtime these files are for.
    #[napi(ts_type = "'onnx' | 'mlx'")]
    pub runtime: String,
    /// The files.
    pub files: Vec<ModelFile>,
}

/// A file of a model.
#[napi(object)]
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// What it is for.
    #[napi(ts_type = "'tokenizer' | 'config' | 'weights' | 'external-data' | 'other'")]
    pub role: String,
    /// Where it is, absolute.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl ModelSpec {
    /// The engine's own type.
    pub(crate) fn normalize(self) -> Result<patina_embed::ModelSpec, NativeError> {
        let files = self
            .files
            .into_iter()
            .map(|file| {
                let role: FileRole = word("role", &file.role)?;
                Ok(patina_embed::ModelFile { role, path: file.path.into(), sha256: file.sha256 })
            })
            .collect::<Result<Vec<_>, NativeError>>()?;
        Ok(patina_embed::ModelSpec {
            architecture: word("architecture", &self.architecture)?,
            pooling: word("pooling", &self.pooling)?,
            runtime: word("runtime", &self.runtime)?,
            key: self.key,
            name: self.name,
            dimension: count("dimension", self.dimension)?,
            min_dimension: self.min_dimension.map(|least| count("minDimension", least)).transpose()?,
            max_tokens: count("maxTokens", self.max_tokens)?,
            normalize: self.normalize,
            query_template: self.query_template,
            passage_template: self.passage_template,
            default_task: self.default_task,
            variant: self.variant,
            files,
        })
    }
}

/// A count as JavaScript has it. N-API would bring any number to 32 bits and take what is left of it; which counts a model
/// may have is the engine's to say.
fn count(field: &str, value: f64) -> Result<usize, NativeError> {
    if value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value) {
        return Ok(value as usize);
    }
    let message = format!("{field} of a model has to be a whole number from 1 to {}, not {value}", u32::MAX);
    Err(patina_embed::Error::new(ErrorKind::SpecInvalid, message).into())
}

/// A word of one of the engine's enumerations, spelled as in registry and recipe.
pub(crate) fn word<T: DeserializeOwned>(field: &str, value: &str) -> Result<T, NativeError> {
    serde_json::from_value(serde_json::Value::String(value.to_owned()))
        .map_err(|error| NativeError::invalid(format!("{field}: {error}")))
}
