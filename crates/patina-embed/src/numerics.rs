//! What a model's weights and activations are stored and computed in, in the registry's words.

use serde::Serialize;

/// What a model stores its weights and computes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "&'static str")]
#[non_exhaustive]
pub enum Numerics {
    /// IEEE single precision.
    Float32,
    /// IEEE half precision.
    Float16,
    /// Single precision's range in 16 bits.
    Bfloat16,
    /// Weights of 8 bits, and activations quantised at each run.
    Int8Dynamic,
    /// Weights of 8 bits, activations in float32.
    Int8Weights,
    /// Weights in blocks of 8 bits or fewer.
    Nbits,
}

impl Numerics {
    /// The name in a registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Int8Dynamic => "int8-dynamic",
            Self::Int8Weights => "int8-weights",
            Self::Nbits => "nbits",
        }
    }

    /// The name of a variant whose file has none of its own.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Float32 => "fp32",
            Self::Float16 => "fp16",
            Self::Bfloat16 => "bf16",
            Self::Int8Dynamic | Self::Int8Weights => "int8",
            Self::Nbits => "nbits",
        }
    }
}

impl From<Numerics> for &'static str {
    fn from(numerics: Numerics) -> Self {
        numerics.name()
    }
}
