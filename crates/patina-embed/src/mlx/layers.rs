//! Layers that the architectures share. All take and give `[rows, width, numbers]` in the weights' own precision.

use mlx_rs::fast::{ScaledDotProductAttentionMask, scaled_dot_product_attention};
use mlx_rs::{Array, ops};

use super::failure::failed;
use super::inputs::Inputs;
use super::packed::Packed;
use super::weights::Weights;
use crate::error::Result;

/// `x · Wᵀ + b`.
pub(super) struct Linear {
    matrix: Matrix,
    bias: Option<Array>,
}

enum Matrix {
    /// Transposed, which costs nothing: the kernels read along either axis.
    Plain(Array),
    Packed(Packed),
}

impl Linear {
    /// Over `weight [outputs, inputs]`.
    pub fn new(weight: &Array, bias: Option<Array>) -> Result<Self> {
        Ok(Self { matrix: Matrix::Plain(weight.transpose().map_err(failed)?), bias })
    }

    /// Over quantised weights.
    pub fn packed(weight: Packed, bias: Option<Array>) -> Self {
        Self { matrix: Matrix::Packed(weight), bias }
    }

    pub fn apply(&self, input: &Array) -> Result<Array> {
        match (&self.matrix, &self.bias) {
            (Matrix::Plain(weight), None) => input.matmul(weight).map_err(failed),
            (Matrix::Plain(weight), Some(bias)) => ops::addmm(bias, input, weight, None, None).map_err(failed),
            (Matrix::Packed(weight), None) => weight.multiply(input),
            (Matrix::Packed(weight), Some(bias)) => weight.multiply(input)?.add(bias).map_err(failed),
        }
    }

    /// What has to be read from disk before the first text.
    pub fn arrays<'a>(&'a self, arrays: &mut Vec<&'a Array>) {
        match &self.matrix {
            Matrix::Plain(weight) => arrays.push(weight),
            Matrix::Packed(weight) => arrays.extend(weight.arrays()),
        }
        arrays.extend(&self.bias);
    }
}

/// A table of vectors.
pub(super) enum Embedding {
    Plain(Array),
    Packed(Packed),
}

impl Embedding {
    /// Over `table [entries, numbers]`.
    pub fn new(table: Array) -> Self {
        Self::Plain(table)
    }

    /// Over a quantised table.
    pub fn packed(table: Packed) -> Self {
        Self::Packed(table)
    }

    /// The vectors at `indices [rows, width]`, none of which may lie outside the table.
    pub fn look_up(&self, indices: &Array) -> Result<Array> {
        match self {
            Self::Plain(table) => table.take_axis(indices, 0).map_err(failed),
            Self::Packed(table) => table.rows(indices),
        }
    }

    /// As [`Linear::arrays`].
    pub fn arrays<'a>(&'a self, arrays: &mut Vec<&'a Array>) {
        match self {
            Self::Plain(table) => arrays.push(table),
            Self::Packed(table) => arrays.extend(table.arrays()),
        }
    }
}

/// Layer normalisation (Ba, Kiros and Hinton 2016).
pub(super) struct LayerNorm {
    weight: Array,
    bias: Array,
    epsilon: f32,
}

impl LayerNorm {
    pub fn take(weights: &mut Weights, path: &str, width: usize, epsilon: f32) -> Result<Self> {
        let weight = weights.take(&format!("{path}.weight"), &[width])?;
        Ok(Self { weight, bias: weights.take(&format!("{path}.bias"), &[width])?, epsilon })
    }

    pub fn apply(&self, input: &Array) -> Result<Array> {
        mlx_rs::fast::layer_norm(input, &self.weight, &self.bias, self.epsilon).map_err(failed)
    }

    /// As [`Linear::arrays`].
    pub fn arrays<'a>(&'a self, arrays: &mut Vec<&'a Array>) {
        arrays.extend([&self.weight, &self.bias]);
    }
}

/// Root mean square normalisation (Zhang and Sennrich 2019).
pub(super) struct RmsNorm {
    weight: Array,
    epsilon: f32,
}

impl RmsNorm {
    pub fn take(weights: &mut Weights, path: &str, width: usize, epsilon: f32) -> Result<Self> {
        Ok(Self { weight: weights.take(&format!("{path}.weight"), &[width])?, epsilon })
    }

    pub fn apply(&self, input: &Array) -> Result<Array> {
        mlx_rs::fast::rms_norm(input, Some(&self.weight), self.epsilon).map_err(failed)
    }

    /// As [`Linear::arrays`].
    pub fn arrays<'a>(&'a self, arrays: &mut Vec<&'a Array>) {
        arrays.push(&self.weight);
    }
}

/// How many heads there are and how wide each is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub queries: usize,
    /// Of keys and of values; each serves as many heads of queries.
    pub keys: usize,
    pub width: usize,
}

impl Heads {
    /// `[rows, width, heads × numbers]` to `[rows, width, heads, numbers]`.
    pub fn split(self, states: &Array, inputs: &Inputs, heads: usize) -> Result<Array> {
        states.reshape(&[inputs.rows, inputs.width, heads as i32, self.width as i32]).map_err(failed)
    }

    /// `[rows, width, heads, numbers]` to `[rows, heads, width, numbers]` and the other way round.
    pub fn swap(states: &Array) -> Result<Array> {
        states.transpose_axes(&[0, 2, 1, 3]).map_err(failed)
    }

    /// Attention over `[rows, heads, width, numbers]`, as `[rows, width, heads × numbers]`.
    pub fn attend(self, [queries, keys, values]: [&Array; 3], inputs: &Inputs, mask: Mask) -> Result<Array> {
        let scale = (self.width as f32).sqrt().recip();
        let mask = match mask {
            // Padding comes last, so no real token attends to it either.
            Mask::Causal => Some(ScaledDotProductAttentionMask::Causal),
            Mask::Padding => inputs.mask.as_ref().map(ScaledDotProductAttentionMask::Array),
        };
        let states = scaled_dot_product_attention(queries, keys, values, scale, mask, None).map_err(failed)?;
        let numbers = (self.queries * self.width) as i32;
        Self::swap(&states)?.reshape(&[inputs.rows, inputs.width, numbers]).map_err(failed)
    }
}

/// What a token may not attend to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mask {
    /// What comes after it.
    Causal,
    /// Padding.
    Padding,
}

/// The exact GELU, with the error function: `x · (1 + erf(x / √2)) / 2`.
pub(super) fn gelu(input: &Array) -> Result<Array> {
    // A scalar has the type of what it is combined with: MLX would widen the other to it.
    let scalar = |value: f32| Array::from_f32(value).as_dtype(input.dtype());
    let exact = || {
        let half = input.multiply(scalar(0.5)?)?;
        half.multiply(ops::erf(input.multiply(scalar(std::f32::consts::FRAC_1_SQRT_2)?)?)?.add(scalar(1.0)?)?)
    };
    exact().map_err(failed)
}

/// `x · σ(x)`.
pub(super) fn silu(input: &Array) -> Result<Array> {
    ops::sigmoid(input).and_then(|gate| input.multiply(gate)).map_err(failed)
}
