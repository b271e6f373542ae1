//! What a model's `config.json` has to say about the facts in its spec. Where they disagree the file is right, and a
//! wrong fact is better refused than met as an index out of range in the middle of a batch.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::{Architecture, FileRole, ModelSpec};

/// Bytes that a config.json may have; real ones have a thousand, or some ten thousand with exceptions a layer.
pub(crate) const LARGEST_FILE: u64 = 4 << 20;

/// No model has as many of anything as this, and sums and products of such numbers stay far from overflowing.
const LARGEST_COUNT: usize = 1 << 24;

/// The facts of a `config.json` that an engine needs; a model without the file has none.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ModelConfig {
    pub model_type: Option<String>,
    #[serde(alias = "n_positions")]
    pub max_position_embeddings: Option<usize>,
    pub pad_token_id: Option<usize>,
    pub num_key_value_heads: Option<usize>,
    pub head_dim: Option<usize>,
    #[serde(alias = "n_embd")]
    pub hidden_size: Option<usize>,
    #[serde(alias = "n_inner")]
    pub intermediate_size: Option<usize>,
    #[serde(alias = "n_head")]
    pub num_attention_heads: Option<usize>,
    #[serde(alias = "n_layer")]
    pub num_hidden_layers: Option<usize>,
}

impl ModelConfig {
    /// Reads the spec's configuration file.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] where the file is no configuration.
    pub fn read(spec: &ModelSpec) -> Result<Self> {
        if !spec.files.iter().any(|file| file.role == FileRole::Config) {
            return Ok(Self::default());
        }
        Self::read_file(spec.file(FileRole::Config)?)
    }

    /// Reads the configuration in the file at `path`.
    ///
    /// # Errors
    /// As [`ModelConfig::read`].
    pub fn read_file(path: &Path) -> Result<Self> {
        let damaged = |source: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Integrity, format!("{} is no model configuration that can be read", path.display()))
                .with_file(path)
                .with_source(source)
        };
        let bytes = read_limited(path, LARGEST_FILE, ErrorKind::Integrity)?;
        let config: Self = serde_json::from_slice(&bytes).map_err(|source| damaged(source.into()))?;
        let counts = [
            ("max_position_embeddings", config.max_position_embeddings),
            ("pad_token_id", config.pad_token_id),
            ("num_key_value_heads", config.num_key_value_heads),
            ("head_dim", config.head_dim),
            ("hidden_size", config.hidden_size),
            ("intermediate_size", config.intermediate_size),
            ("num_attention_heads", config.num_attention_heads),
            ("num_hidden_layers", config.num_hidden_layers),
        ];
        match counts.into_iter().find(|(_, count)| count.is_some_and(|count| count > LARGEST_COUNT)) {
            Some((key, Some(count))) => Err(damaged(format!("{key} is {count}").into())),
            _ => Ok(config),
        }
    }

    /// Positions that the tokens of a text may take.
    pub fn positions(&self, architecture: Architecture) -> Option<usize> {
        // XLM-RoBERTa's first real token has position pad_id + 1, so its table has rows that no token reaches.
        let unreachable = match architecture {
            Architecture::XlmRoberta => self.pad_token_id.unwrap_or(1) + 1,
            _ => 0,
        };
        self.max_position_embeddings.map(|positions| positions.saturating_sub(unreachable))
    }
}

/// Checks the token limit against the positions that the model has learned. A spec without a configuration file has
/// nothing to check against.
///
/// # Errors
/// [`ErrorKind::SpecInvalid`] where the limit is too high.
pub(crate) fn check_limits(spec: &ModelSpec, config: &ModelConfig) -> Result<()> {
    // Rotary positions (Qwen3, NomicBERT) are computed, so none of them can be missing.
    if !matches!(spec.architecture, Architecture::Bert | Architecture::XlmRoberta) {
        return Ok(());
    }
    let Some(most) = config.positions(spec.architecture) else { return Ok(()) };
    if spec.max_tokens > most {
        return Err(Error::new(
            ErrorKind::SpecInvalid,
            format!(
                "model {}: max_tokens is {}, and its config.json has positions for {most}; lower max_tokens",
                spec.key, spec.max_tokens
            ),
        ));
    }
    Ok(())
}
