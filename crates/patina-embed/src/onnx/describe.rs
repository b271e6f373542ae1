//! What an ONNX file is, for whoever writes a model's entry: its numerics by its operators and tensors, which no name
//! tells, and the files it needs beside it.

use std::collections::HashMap;
use std::path::Path;

use super::graph::{Findings, look};
use super::protobuf::{Defect, Field, Fields, Value};
use crate::error::Result;
use crate::numerics::Numerics;

/// What [`describe`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnnxDescription {
    /// Absent for what the registry has no word for, such as activations quantised by fixed scales.
    pub numerics: Option<Numerics>,
    /// Files that hold tensors of the model: paths from its folder as the file gives them, which may lead anywhere.
    pub data_files: Vec<String>,
}

/// Looks into the ONNX file at `path` and at nothing else. Its weights are not read.
///
/// # Errors
/// [`crate::ErrorKind::Integrity`] where it is no ONNX model, [`crate::ErrorKind::ModelMissing`] where it cannot be
/// opened.
pub fn describe(path: &Path) -> Result<OnnxDescription> {
    look(path, |findings| OnnxDescription {
        numerics: numerics(&findings),
        data_files: findings.data_files().into_iter().map(str::to_owned).collect(),
    })
}

/// Operators that take weights in blocks, each with a scale of its own.
const IN_BLOCKS: [&[u8]; 2] = [b"MatMulNBits", b"GatherBlockQuantized"];

fn numerics(findings: &Findings) -> Option<Numerics> {
    let has = |name: &[u8]| findings.operators.contains(name);
    if findings.quantizes_dynamically {
        return Some(Numerics::Int8Dynamic);
    }
    if IN_BLOCKS.into_iter().any(has) {
        return Some(Numerics::Nbits);
    }
    // Quantising without DYNAMIC_QUANTIZATION's operators is by scales that were fixed beforehand.
    if has(b"QuantizeLinear") {
        return None;
    }
    // Data types of `TensorProto`.
    match most_common_type(&findings.tensors)? {
        1 => Some(Numerics::Float32),
        2 | 3 => has(b"DequantizeLinear").then_some(Numerics::Int8Weights),
        10 => Some(Numerics::Float16),
        16 => Some(Numerics::Bfloat16),
        _ => None,
    }
}

/// The data type that most numbers of the model are in.
fn most_common_type(tensors: &[&[u8]]) -> Option<u64> {
    let mut counts: HashMap<u64, u64> = HashMap::new();
    for tensor in tensors {
        // The scan that found the tensor has read its fields already; what it holds twice is the reader's to refuse.
        let (data_type, elements) = shape(tensor).ok()?;
        let count = counts.entry(data_type).or_default();
        *count = count.saturating_add(elements);
    }
    counts.into_iter().max_by_key(|&(data_type, count)| (count, data_type)).map(|(data_type, _)| data_type)
}

/// Data type and number of elements of a `TensorProto` (field numbers: dims 1, `data_type` 2).
fn shape(tensor: &[u8]) -> std::result::Result<(u64, u64), Defect> {
    let (mut data_type, mut elements) = (0, 1_u64);
    for field in Fields(tensor) {
        let Field { number, value, .. } = field?;
        match (number, value) {
            (1, Value::Number(size)) => elements = elements.saturating_mul(size),
            (1, Value::Content(packed)) => {
                let mut sizes = Fields(packed);
                while !sizes.0.is_empty() {
                    elements = elements.saturating_mul(sizes.varint()?);
                }
            }
            (2, Value::Number(number)) => data_type = number,
            _ => {}
        }
    }
    Ok((data_type, elements))
}
