//! Which output of a graph holds the vectors, and its numbers as float32 whatever the file keeps them in.

use std::borrow::Cow;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use ort::value::{DynValue, Outlet, Shape, TensorElementType, ValueType};

/// What a graph gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A vector a token, `[rows × width × dimension]`.
    Tokens,
    /// A vector a text, `[rows × dimension]`.
    Pooled,
}

/// The output that holds the vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub name: String,
    pub kind: Kind,
    element: Element,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Float32,
    Float16,
    Bfloat16,
}

impl Output {
    /// Chooses by the names that exporters use, else the only one, else the only one of a shape that token vectors have
    /// (some exports name their outputs by numbers and give intermediate ones too).
    pub fn choose(outputs: &[Outlet]) -> Result<Self, String> {
        let named = |name: &str| outputs.iter().find(|output| output.name() == name);
        let only = || if let [output] = outputs { Some(output) } else { None };
        let only_tokens = || {
            let mut tokens = outputs.iter().filter(|output| matches!(shape(output), Some((3, _))));
            tokens.next().filter(|_| tokens.next().is_none())
        };
        let output = named("last_hidden_state")
            .or_else(|| named("token_embeddings"))
            .or_else(|| named("sentence_embedding"))
            .or_else(only)
            .or_else(only_tokens)
            .ok_or_else(|| {
                let all: Vec<&str> = outputs.iter().map(Outlet::name).collect();
                format!("none of the graph's outputs ({}) is known to hold embeddings", all.join(", "))
            })?;
        let name = output.name().to_owned();
        let (kind, element) = match shape(output) {
            Some((3, element)) => (Kind::Tokens, element),
            Some((2, element)) => (Kind::Pooled, element),
            Some((rank, _)) => return Err(format!("output {name:?} has {rank} axes, not 3 (tokens) or 2 (pooled)")),
            None => return Err(format!("output {name:?} is {}, no tensor of floating-point numbers", output.dtype())),
        };
        Ok(Self { name, kind, element })
    }

    /// Shape and numbers of a value of this output.
    pub fn numbers<'value>(&self, value: &'value DynValue) -> ort::Result<(&'value Shape, Cow<'value, [f32]>)> {
        match self.element {
            Element::Float32 => value.try_extract_tensor::<f32>().map(|(shape, all)| (shape, Cow::Borrowed(all))),
            Element::Float16 => {
                value.try_extract_tensor::<f16>().map(|(shape, all)| (shape, Cow::Owned(all.to_f32_vec())))
            }
            Element::Bfloat16 => {
                value.try_extract_tensor::<bf16>().map(|(shape, all)| (shape, Cow::Owned(all.to_f32_vec())))
            }
        }
    }
}

/// Rank and numbers of an output that can hold vectors.
fn shape(output: &Outlet) -> Option<(usize, Element)> {
    let ValueType::Tensor { ty, shape, .. } = output.dtype() else { return None };
    let element = match ty {
        TensorElementType::Float32 => Element::Float32,
        TensorElementType::Float16 => Element::Float16,
        TensorElementType::Bfloat16 => Element::Bfloat16,
        _ => return None,
    };
    Some((shape.len(), element))
}
