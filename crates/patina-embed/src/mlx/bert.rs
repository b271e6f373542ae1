//! BERT (Devlin et al. 2018) and XLM-RoBERTa, which has the same layers and counts positions from behind the padding id.

use mlx_rs::Array;
use serde::Deserialize;

use super::config::ConfigFile;
use super::failure::failed;
use super::inputs::Inputs;
use super::layers::{Embedding, Heads, LayerNorm, Linear, Mask, gelu};
use super::model::Transformer;
use super::weights::Weights;
use crate::error::Result;
use crate::spec::Architecture;

#[derive(Deserialize)]
struct Config {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f32,
    hidden_act: String,
    #[serde(default)]
    pad_token_id: Option<i32>,
    #[serde(default)]
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
}

/// The encoder without its pooler.
pub(super) struct Bert {
    words: Embedding,
    positions: Embedding,
    /// Every token of a text alone is of type 0.
    token_type: Array,
    norm: LayerNorm,
    layers: Vec<Layer>,
    vocabulary: usize,
    numbering: Numbering,
}

/// How tokens are numbered.
enum Numbering {
    /// From 0.
    FromZero,
    /// From behind the padding id, which tokens that have it keep (fairseq's way).
    Behind(i32),
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    norm: LayerNorm,
    heads: Heads,
}

impl Bert {
    pub fn take(file: &ConfigFile, architecture: Architecture, weights: &mut Weights) -> Result<Self> {
        let config: Config = file.fields()?;
        let Config { hidden_size: hidden, num_attention_heads: heads, layer_norm_eps: epsilon, .. } = config;
        file.check_counts(
            config.num_hidden_layers,
            &[
                ("hidden_size", hidden),
                ("num_attention_heads", heads),
                ("intermediate_size", config.intermediate_size),
                ("vocab_size", config.vocab_size),
                ("type_vocab_size", config.type_vocab_size),
            ],
        )?;
        file.check_epsilon("layer_norm_eps", epsilon)?;
        if hidden % heads != 0 {
            return Err(file.contradiction(&format!("{heads} heads do not divide hidden_size {hidden}")));
        }
        if config.hidden_act != "gelu" {
            return Err(file.unsupported(&format!("hidden_act is {:?}; BERT is computed with gelu", config.hidden_act)));
        }
        if let Some(kind) = config.position_embedding_type.filter(|kind| kind != "absolute") {
            return Err(file.unsupported(&format!("position_embedding_type is {kind:?}, not absolute")));
        }
        if config.is_decoder {
            return Err(file.unsupported("is_decoder is true; every token attends to all others"));
        }
        let table = |name: &str| format!("embeddings.{name}_embeddings");
        let token_types =
            weights.take(&format!("{}.weight", table("token_type")), &[config.type_vocab_size, hidden])?;
        Ok(Self {
            words: weights.embedding(&table("word"), config.vocab_size, hidden)?,
            positions: weights.embedding(&table("position"), config.max_position_embeddings, hidden)?,
            token_type: token_types.take_axis(Array::from_int(0), 0).map_err(failed)?,
            norm: LayerNorm::take(weights, "embeddings.LayerNorm", hidden, epsilon)?,
            layers: (0..config.num_hidden_layers)
                .map(|index| {
                    let heads = Heads { queries: heads, keys: heads, width: hidden / heads };
                    Layer::take(weights, &format!("encoder.layer.{index}"), heads, config.intermediate_size, epsilon)
                })
                .collect::<Result<_>>()?,
            vocabulary: config.vocab_size,
            numbering: match architecture {
                Architecture::XlmRoberta => Numbering::Behind(config.pad_token_id.unwrap_or(1)),
                _ => Numbering::FromZero,
            },
        })
    }

    /// What a file may hold that a text's vector does not need.
    pub fn is_unused(name: &str) -> bool {
        let heads = ["pooler.", "cls.", "lm_head.", "classifier."];
        name == "embeddings.position_ids" || heads.iter().any(|head| name.starts_with(head))
    }

    /// The number of each token, `[1, width]` or `[rows, width]`.
    fn numbers(&self, inputs: &Inputs) -> Result<Array> {
        let from_zero: Vec<i32> = (0..inputs.width).collect();
        match self.numbering {
            Numbering::FromZero => Ok(Array::from_slice(&from_zero, &[1, inputs.width])),
            Numbering::Behind(padding) => {
                let padding = Array::from_int(padding);
                let count = || {
                    let real = inputs.ids.ne(&padding)?.as_type::<i32>()?;
                    real.cumsum(1, false, true)?.multiply(&real)?.add(&padding)
                };
                count().map_err(failed)
            }
        }
    }
}

impl Transformer for Bert {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn hidden(&self, inputs: &Inputs) -> Result<Array> {
        let words = self.words.look_up(&inputs.ids)?;
        let positions = self.positions.look_up(&self.numbers(inputs)?)?;
        let sum = words.add(positions).and_then(|sum| sum.add(&self.token_type)).map_err(failed)?;
        let mut hidden = self.norm.apply(&sum)?;
        for layer in &self.layers {
            hidden = layer.apply(&hidden, inputs)?;
        }
        Ok(hidden)
    }

    fn arrays(&self) -> Vec<&Array> {
        let mut arrays = vec![&self.token_type];
        self.words.arrays(&mut arrays);
        self.positions.arrays(&mut arrays);
        self.norm.arrays(&mut arrays);
        for layer in &self.layers {
            for linear in [&layer.query, &layer.key, &layer.value, &layer.attention, &layer.up, &layer.down] {
                linear.arrays(&mut arrays);
            }
            layer.attention_norm.arrays(&mut arrays);
            layer.norm.arrays(&mut arrays);
        }
        arrays
    }
}

impl Layer {
    fn take(weights: &mut Weights, path: &str, heads: Heads, inner: usize, epsilon: f32) -> Result<Self> {
        let hidden = heads.queries * heads.width;
        let path = |name: &str| format!("{path}.{name}");
        Ok(Self {
            query: weights.linear(&path("attention.self.query"), hidden, hidden, true)?,
            key: weights.linear(&path("attention.self.key"), hidden, hidden, true)?,
            value: weights.linear(&path("attention.self.value"), hidden, hidden, true)?,
            attention: weights.linear(&path("attention.output.dense"), hidden, hidden, true)?,
            attention_norm: LayerNorm::take(weights, &path("attention.output.LayerNorm"), hidden, epsilon)?,
            up: weights.linear(&path("intermediate.dense"), hidden, inner, true)?,
            down: weights.linear(&path("output.dense"), inner, hidden, true)?,
            norm: LayerNorm::take(weights, &path("output.LayerNorm"), hidden, epsilon)?,
            heads,
        })
    }

    fn apply(&self, hidden: &Array, inputs: &Inputs) -> Result<Array> {
        let heads = self.heads;
        let split = |linear: &Linear| Heads::swap(&heads.split(&linear.apply(hidden)?, inputs, heads.queries)?);
        let (query, key, value) = (split(&self.query)?, split(&self.key)?, split(&self.value)?);
        let attended = heads.attend([&query, &key, &value], inputs, Mask::Padding)?;
        let hidden = self.attention_norm.apply(&hidden.add(self.attention.apply(&attended)?).map_err(failed)?)?;
        let inner = gelu(&self.up.apply(&hidden)?)?;
        self.norm.apply(&hidden.add(self.down.apply(&inner)?).map_err(failed)?)
    }
}
