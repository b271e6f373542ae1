//! How much memory a run takes beside the weights, from the sizes of the model: known before the run starts, so that
//! what does not fit is an error instead of a killed process.
//!
//! The numbers are the tensors that live at the same time in the most crowded spot of a layer, and were held against
//! the growth of the process in single runs of models of true size (the tables in the tests below).

use crate::config::ModelConfig;
use crate::spec::{Architecture, ModelSpec, Runtime};

/// The most a run takes: `tokens × per_token + rows × width² × per_pair` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunMemory {
    per_token: u64,
    per_pair: u64,
}

/// Float32; models in half precision are computed in it on a CPU.
const NUMBER: u64 = 4;

/// Where a model's `config.json` is not at hand: the narrowest heads in use, so that there are rather too many.
const NARROWEST_HEAD: u64 = 32;

impl RunMemory {
    /// Reads the sizes from the configuration; where it is missing they are taken rather too large.
    pub fn new(spec: &ModelSpec, config: &ModelConfig) -> Self {
        // Counts in a file are limited to 2^24, so no product of two of them with these factors passes 2^64.
        let hidden = config.hidden_size.unwrap_or(spec.dimension) as u64;
        let heads = config.num_attention_heads.map_or(hidden.div_ceil(NARROWEST_HEAD), |heads| heads as u64);
        let inner = config.intermediate_size.map_or(4 * hidden, |inner| inner as u64);
        let (queries, keys) = match spec.architecture {
            Architecture::Bert | Architecture::XlmRoberta | Architecture::NomicBert => (0, 0),
            Architecture::Qwen3 => {
                let width = config.head_dim.map_or(hidden / heads.max(1), |width| width as u64);
                (heads * width, 2 * config.num_key_value_heads.map_or(heads, |heads| heads as u64) * width)
            }
        };
        let (per_token, per_pair) = match spec.runtime {
            // Attention scores before and after the softmax, and the mask that is added to them.
            Runtime::Onnx => {
                let layers = config.num_hidden_layers.map_or(48, |layers| layers as u64);
                // A decoder's graph gives the keys and values of every layer, which live until the run ends.
                let kept = layers.saturating_mul(keys);
                ((6 * hidden + 3 * inner + 4 * queries + 3 * keys).saturating_add(kept), 3 * heads * NUMBER)
            }
            // Scores once: the softmax takes their place. MLX makes room for some operations ahead of the one that runs,
            // so states of the inner layer lie side by side which do not need each other; no layer's outlive it.
            Runtime::Mlx => (8 * hidden + 8 * inner + 4 * queries + 2 * keys, 3 * heads * NUMBER / 2),
        };
        Self { per_token: per_token.saturating_mul(NUMBER), per_pair }
    }

    /// Bytes for `rows` texts padded to `width` tokens.
    pub fn bytes(self, rows: usize, width: usize) -> u64 {
        let (rows, width) = (rows as u64, width as u64);
        rows.saturating_mul(width).saturating_mul(self.per_token.saturating_add(width.saturating_mul(self.per_pair)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Pooling;

    fn memory(runtime: Runtime, architecture: Architecture, dimension: usize, config: &ModelConfig) -> RunMemory {
        let spec = ModelSpec {
            key: String::new(),
            name: String::new(),
            architecture,
            dimension,
            min_dimension: None,
            max_tokens: 32_768,
            pooling: Pooling::Mean,
            normalize: true,
            query_template: None,
            passage_template: None,
            default_task: None,
            variant: String::new(),
            runtime,
            files: Vec::new(),
        };
        RunMemory::new(&spec, config)
    }

    fn bert(heads: usize) -> ModelConfig {
        ModelConfig { num_attention_heads: Some(heads), ..ModelConfig::default() }
    }

    fn qwen3() -> ModelConfig {
        ModelConfig {
            hidden_size: Some(1024),
            intermediate_size: Some(3072),
            num_attention_heads: Some(16),
            num_key_value_heads: Some(8),
            head_dim: Some(128),
            num_hidden_layers: Some(28),
            ..ModelConfig::default()
        }
    }

    /// All-MiniLM-L6-v2, E5-base-v2 and Qwen3-Embedding-0.6B.
    fn models(runtime: Runtime) -> [RunMemory; 3] {
        [
            memory(runtime, Architecture::Bert, 384, &bert(12)),
            memory(runtime, Architecture::Bert, 768, &bert(12)),
            memory(runtime, Architecture::Qwen3, 1024, &qwen3()),
        ]
    }

    /// `measured`: model, rows, width, megabytes.
    fn check(measured: &[(RunMemory, usize, usize, u64)]) {
        for &(model, rows, width, megabytes) in measured {
            let (estimate, measured) = (model.bytes(rows, width), megabytes * 1_000_000);
            assert!(estimate >= measured, "{rows} × {width}: {estimate} is below the {measured} that it took");
            assert!(estimate <= 3 * measured, "{rows} × {width}: {estimate} is far above the {measured} that it took");
        }
    }

    /// Growth of the largest resident set over one run on one thread, in MB: ONNX Runtime 1.30 on Linux x86-64 with its
    /// arena, memory patterns off, after a run of 8 tokens (2026-11-24).
    #[test]
    fn estimates_are_above_what_onnx_runtime_took_and_not_far() {
        let [minilm, e5_base, qwen3_06b] = models(Runtime::Onnx);
        check(&[
            (minilm, 1, 256, 8),
            (minilm, 8, 256, 65),
            (minilm, 32, 256, 261),
            (e5_base, 1, 512, 25),
            (e5_base, 8, 512, 256),
            (qwen3_06b, 1, 256, 80),
            (qwen3_06b, 1, 1024, 420),
            (qwen3_06b, 1, 4000, 3338),
        ]);
    }

    /// The larger of two growths over one run after one of 8 tokens, in MB: MLX's own peak, and the largest resident set.
    /// MLX 0.32.2 on Linux x86-64 with `OpenBLAS` of two threads, weights in float32; of Qwen3 the long ones with 4 of the
    /// 28 layers, which take the same (2026-11-27).
    #[test]
    fn estimates_are_above_what_mlx_took_and_not_far() {
        let [minilm, e5_base, qwen3_06b] = models(Runtime::Mlx);
        check(&[
            (minilm, 1, 256, 15),
            (minilm, 1, 512, 36),
            (minilm, 8, 256, 120),
            (minilm, 32, 256, 466),
            (e5_base, 1, 256, 27),
            (e5_base, 1, 512, 60),
            (e5_base, 8, 256, 208),
            (e5_base, 8, 512, 466),
            (qwen3_06b, 1, 256, 44),
            (qwen3_06b, 8, 256, 398),
            (qwen3_06b, 1, 1024, 212),
            (qwen3_06b, 1, 4000, 1599),
        ]);
    }

    #[test]
    fn a_model_without_a_configuration_is_taken_for_larger() {
        for runtime in [Runtime::Onnx, Runtime::Mlx] {
            let known = memory(runtime, Architecture::Bert, 768, &bert(12));
            let unknown = memory(runtime, Architecture::Bert, 768, &ModelConfig::default());
            assert!(unknown.bytes(1, 512) >= known.bytes(1, 512));
        }
    }

    #[test]
    fn absurd_sizes_do_not_overflow() {
        for runtime in [Runtime::Onnx, Runtime::Mlx] {
            let memory = memory(runtime, Architecture::Qwen3, 4096, &ModelConfig::default());
            assert_eq!(memory.bytes(usize::MAX, usize::MAX), u64::MAX);
        }
    }
}
