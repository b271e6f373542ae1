//! How much memory a run takes beside the weights, from the sizes of the model: known before the run starts, so that
//! what does not fit is an error instead of a killed process.
//!
//! The numbers are the tensors that live at the same time in the most crowded spot of a layer, and were held against
//! the growth of the process in single runs of models of true size (see the tests below and `benchmarks/RESULTS.md`).

use crate::config::ModelConfig;
use crate::spec::{Architecture, ModelSpec};

/// The most a run takes: `tokens × per_token + rows × width² × per_pair` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunMemory {
    per_token: u64,
    per_pair: u64,
}

/// Float32; models in half precision are computed in it on a CPU.
const NUMBER: usize = 4;

/// Where a model's `config.json` is not at hand: the narrowest heads in use, so that there are rather too many.
const NARROWEST_HEAD: usize = 32;

impl RunMemory {
    /// Reads the sizes from the configuration; where it is missing they are taken rather too large.
    pub fn new(spec: &ModelSpec, config: &ModelConfig) -> Self {
        let hidden = config.hidden_size.unwrap_or(spec.dimension);
        let heads = config.num_attention_heads.unwrap_or(hidden.div_ceil(NARROWEST_HEAD));
        let inner = config.intermediate_size.unwrap_or(4 * hidden);
        // Attention scores before and after the softmax, and the mask that is added to them.
        let per_pair = 3 * heads * NUMBER;
        let per_token = match spec.architecture {
            Architecture::Bert | Architecture::XlmRoberta | Architecture::NomicBert => 8 * hidden + 4 * inner,
            Architecture::Qwen3 => {
                let width = config.head_dim.unwrap_or(hidden / heads.max(1));
                let keys = 2 * config.num_key_value_heads.unwrap_or(heads) * width;
                let layers = config.num_hidden_layers.unwrap_or(48);
                // A decoder's graph gives the keys and values of every layer, which live until the run ends.
                6 * hidden + 3 * inner + 4 * heads * width + 3 * keys + layers * keys
            }
        };
        Self { per_token: (per_token * NUMBER) as u64, per_pair: per_pair as u64 }
    }

    /// Bytes for `rows` texts padded to `width` tokens.
    pub fn bytes(self, rows: usize, width: usize) -> u64 {
        let (rows, width) = (rows as u64, width as u64);
        rows.saturating_mul(width).saturating_mul(self.per_token.saturating_add(width.saturating_mul(self.per_pair)))
    }
}
