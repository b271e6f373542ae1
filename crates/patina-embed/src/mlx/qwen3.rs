//! Qwen3 (Qwen Team 2025): a causal decoder with grouped-query attention, rotary positions and normalised heads.

use mlx_rs::Array;
use serde::Deserialize;
use serde_json::Value;

use super::config::ConfigFile;
use super::failure::failed;
use super::inputs::Inputs;
use super::layers::{Embedding, Heads, Linear, Mask, RmsNorm, silu};
use super::model::Transformer;
use super::weights::Weights;
use crate::error::Result;

#[derive(Deserialize)]
struct Config {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    head_dim: usize,
    intermediate_size: usize,
    rms_norm_eps: f32,
    hidden_act: String,
    rope_theta: Option<f32>,
    rope_scaling: Option<Value>,
    /// How transformers 5 writes the two above.
    rope_parameters: Option<Rope>,
    /// Of the four linear layers around attention.
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    use_sliding_window: bool,
    /// False in models that were made to read a text both ways.
    is_causal: Option<bool>,
}

#[derive(Deserialize)]
struct Rope {
    rope_theta: Option<f32>,
    rope_type: Option<String>,
}

/// The decoder without a head.
pub(super) struct Qwen3 {
    words: Embedding,
    layers: Vec<Layer>,
    norm: RmsNorm,
    vocabulary: usize,
}

struct Layer {
    input_norm: RmsNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    query_norm: RmsNorm,
    key_norm: RmsNorm,
    post_norm: RmsNorm,
    gate: Linear,
    up: Linear,
    down: Linear,
    heads: Heads,
    theta: f32,
}

impl Config {
    /// The base of the rotary angles, in either spelling.
    fn theta(&self, file: &ConfigFile) -> Result<f32> {
        if self.rope_scaling.as_ref().is_some_and(|scaling| !scaling.is_null()) {
            return Err(file.unsupported("rope_scaling is set; positions are computed without scaling"));
        }
        let rope = self.rope_parameters.as_ref();
        if let Some(kind) = rope.and_then(|rope| rope.rope_type.as_deref()).filter(|&kind| kind != "default") {
            return Err(file.unsupported(&format!("rope_type is {kind:?}; positions are computed as \"default\"")));
        }
        match (self.rope_theta, rope.and_then(|rope| rope.rope_theta)) {
            (Some(one), Some(other)) if one.to_bits() != other.to_bits() => {
                Err(file.contradiction(&format!("rope_theta is {one} and {other}")))
            }
            (Some(theta), _) | (None, Some(theta)) if theta > 0.0 && theta.is_finite() => Ok(theta),
            (stated, _) => Err(file.contradiction(&format!("rope_theta is {stated:?}"))),
        }
    }
}

impl Qwen3 {
    pub fn take(file: &ConfigFile, weights: &mut Weights) -> Result<Self> {
        let config: Config = file.fields()?;
        let theta = config.theta(file)?;
        let heads =
            Heads { queries: config.num_attention_heads, keys: config.num_key_value_heads, width: config.head_dim };
        file.check_counts(
            config.num_hidden_layers,
            &[
                ("hidden_size", config.hidden_size),
                ("num_attention_heads", heads.queries),
                ("num_key_value_heads", heads.keys),
                ("head_dim", heads.width),
                ("intermediate_size", config.intermediate_size),
                ("vocab_size", config.vocab_size),
            ],
        )?;
        file.check_epsilon("rms_norm_eps", config.rms_norm_eps)?;
        if !heads.queries.is_multiple_of(heads.keys) || !heads.width.is_multiple_of(2) {
            return Err(file.contradiction(&format!(
                "num_attention_heads is {}, num_key_value_heads {}, head_dim {}",
                heads.queries, heads.keys, heads.width
            )));
        }
        if config.hidden_act != "silu" {
            return Err(
                file.unsupported(&format!("hidden_act is {:?}; Qwen3 is computed with silu", config.hidden_act))
            );
        }
        if config.use_sliding_window {
            return Err(file.unsupported("use_sliding_window is true; every token attends to all before it"));
        }
        if config.is_causal == Some(false) {
            return Err(file.unsupported("is_causal is false; every token attends to none after it"));
        }
        let layer = |index| Layer::take(weights, &format!("layers.{index}"), &config, heads, theta);
        let layers = (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?;
        Ok(Self {
            words: weights.embedding("embed_tokens", config.vocab_size, config.hidden_size)?,
            layers,
            norm: RmsNorm::take(weights, "norm", config.hidden_size, config.rms_norm_eps)?,
            vocabulary: config.vocab_size,
        })
    }

    /// What a file may hold that a text's vector does not need.
    pub fn is_unused(name: &str) -> bool {
        name.starts_with("lm_head.") || name.ends_with("rotary_emb.inv_freq")
    }
}

impl Transformer for Qwen3 {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn hidden(&self, inputs: &Inputs) -> Result<Array> {
        let mut hidden = self.words.look_up(&inputs.ids)?;
        for layer in &self.layers {
            hidden = layer.apply(&hidden, inputs)?;
        }
        self.norm.apply(&hidden)
    }

    fn arrays(&self) -> Vec<&Array> {
        let mut arrays = Vec::new();
        self.words.arrays(&mut arrays);
        self.norm.arrays(&mut arrays);
        for layer in &self.layers {
            for norm in [&layer.input_norm, &layer.query_norm, &layer.key_norm, &layer.post_norm] {
                norm.arrays(&mut arrays);
            }
            let linears = [&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down];
            for linear in linears {
                linear.arrays(&mut arrays);
            }
        }
        arrays
    }
}

impl Layer {
    fn take(weights: &mut Weights, path: &str, config: &Config, heads: Heads, theta: f32) -> Result<Self> {
        let Config { hidden_size: hidden, intermediate_size: inner, rms_norm_eps: epsilon, .. } = *config;
        let (queries, keys) = (heads.queries * heads.width, heads.keys * heads.width);
        let path = |name: &str| format!("{path}.{name}");
        Ok(Self {
            input_norm: RmsNorm::take(weights, &path("input_layernorm"), hidden, epsilon)?,
            query: weights.linear(&path("self_attn.q_proj"), hidden, queries, config.attention_bias)?,
            key: weights.linear(&path("self_attn.k_proj"), hidden, keys, config.attention_bias)?,
            value: weights.linear(&path("self_attn.v_proj"), hidden, keys, config.attention_bias)?,
            output: weights.linear(&path("self_attn.o_proj"), queries, hidden, config.attention_bias)?,
            query_norm: RmsNorm::take(weights, &path("self_attn.q_norm"), heads.width, epsilon)?,
            key_norm: RmsNorm::take(weights, &path("self_attn.k_norm"), heads.width, epsilon)?,
            post_norm: RmsNorm::take(weights, &path("post_attention_layernorm"), hidden, epsilon)?,
            gate: weights.linear(&path("mlp.gate_proj"), hidden, inner, false)?,
            up: weights.linear(&path("mlp.up_proj"), hidden, inner, false)?,
            down: weights.linear(&path("mlp.down_proj"), inner, hidden, false)?,
            heads,
            theta,
        })
    }

    fn apply(&self, hidden: &Array, inputs: &Inputs) -> Result<Array> {
        let attended = self.attend(&self.input_norm.apply(hidden)?, inputs)?;
        let hidden = hidden.add(attended).map_err(failed)?;
        let normed = self.post_norm.apply(&hidden)?;
        let inner = silu(&self.gate.apply(&normed)?)?.multiply(self.up.apply(&normed)?).map_err(failed)?;
        hidden.add(self.down.apply(&inner)?).map_err(failed)
    }

    fn attend(&self, normed: &Array, inputs: &Inputs) -> Result<Array> {
        let heads = self.heads;
        // Normalised and turned by head, position by position; halves are paired, not neighbours.
        let turned = |linear: &Linear, norm: &RmsNorm, count: usize| {
            let states = norm.apply(&heads.split(&linear.apply(normed)?, inputs, count)?)?;
            mlx_rs::fast::rope(Heads::swap(&states)?, heads.width as i32, false, self.theta, 1.0, 0, None)
                .map_err(failed)
        };
        let query = turned(&self.query, &self.query_norm, heads.queries)?;
        let key = turned(&self.key, &self.key_norm, heads.keys)?;
        let value = Heads::swap(&heads.split(&self.value.apply(normed)?, inputs, heads.keys)?)?;
        self.output.apply(&heads.attend([&query, &key, &value], inputs, Mask::Causal)?)
    }
}
