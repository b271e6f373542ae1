//! The operators of an ONNX file, read from the file itself: only they tell whether activations are quantised while
//! the model runs, which a file's name does not.
//!
//! An ONNX file is a protocol buffer (`onnx.proto`). Field numbers used here: `ModelProto.graph` = 7,
//! `ModelProto.functions` = 25, `GraphProto.node` = 1, `FunctionProto.node` = 7, `NodeProto.op_type` = 4,
//! `NodeProto.attribute` = 5, `AttributeProto.g` = 6, `AttributeProto.graphs` = 11.

use std::path::Path;

use super::protobuf::Fields;
use crate::error::{Error, ErrorKind, Result};

/// Operators that choose a scale from the numbers of a run: a text's vector then depends on its batch-mates.
const DYNAMIC_QUANTIZATION: [&[u8]; 4] =
    [b"DynamicQuantizeLinear", b"DynamicQuantizeMatMul", b"DynamicQuantizeLSTM", b"MatMulIntegerToFloat"];

/// Graphs within graphs that are followed; real ones have one or two.
const MOST_NESTED: usize = 32;

/// Whether the model in `path` quantises its activations from the numbers of each run.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the file is no ONNX model.
pub(super) fn quantizes_dynamically(path: &Path) -> Result<bool> {
    let damaged = |what: &str| {
        Error::new(
            ErrorKind::Integrity,
            format!("{} is no whole ONNX file ({what}); fetch it again with `patina model add`", path.display()),
        )
        .with_file(path)
    };
    let file = std::fs::File::open(path).map_err(|source| {
        Error::new(ErrorKind::ModelMissing, format!("{} cannot be opened", path.display()))
            .with_file(path)
            .with_source(source)
    })?;
    // SAFETY: the mapping is read-only and lives for this function; model files are replaced by rename, never written
    // in place, so the bytes under it do not change.
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|_| damaged("it is empty or cannot be mapped"))?;
    scan(&bytes).map_err(damaged)
}

fn scan(model: &[u8]) -> std::result::Result<bool, &'static str> {
    let mut has_graph = false;
    let mut found = false;
    for field in Fields(model) {
        let field = field?;
        let nodes = match field.number {
            7 => 1,
            25 => 7,
            _ => continue,
        };
        has_graph |= field.number == 7;
        found |= scan_nodes(field.content(), nodes, 0)?;
    }
    if has_graph { Ok(found) } else { Err("it has no graph") }
}

/// Looks through the nodes (field `nodes`) of a graph or function, and of the graphs inside them (`If`, `Loop`).
fn scan_nodes(graph: &[u8], nodes: u64, depth: usize) -> std::result::Result<bool, &'static str> {
    if depth > MOST_NESTED {
        return Err("its graphs are nested without end");
    }
    let mut found = false;
    for field in Fields(graph) {
        let node = field?;
        if node.number != nodes {
            continue;
        }
        for field in Fields(node.content()) {
            let field = field?;
            match field.number {
                4 => found |= DYNAMIC_QUANTIZATION.contains(&field.content()),
                5 => {
                    for inner in Fields(field.content()) {
                        let inner = inner?;
                        if matches!(inner.number, 6 | 11) {
                            found |= scan_nodes(inner.content(), 1, depth + 1)?;
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A field with a length: its key's wire kind is 2.
    fn message(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, content.len() as u8];
        bytes.extend_from_slice(content);
        bytes
    }

    fn model_with(operator: &str) -> Vec<u8> {
        message(7, &message(1, &message(4, operator.as_bytes())))
    }

    #[test]
    fn knows_dynamic_quantization_by_its_operators() {
        assert_eq!(scan(&model_with("DynamicQuantizeLinear")), Ok(true));
        assert_eq!(scan(&model_with("MatMul")), Ok(false));
        // Weights that are stored in int8 and multiplied in float32 do not depend on the batch.
        assert_eq!(scan(&model_with("DequantizeLinear")), Ok(false));
    }

    #[test]
    fn looks_into_the_branches_of_a_graph() {
        let inner = message(1, &message(4, b"DynamicQuantizeLinear"));
        let branch = message(1, &[message(4, b"If"), message(5, &message(6, &inner))].concat());
        assert_eq!(scan(&message(7, &branch)), Ok(true));
    }

    #[test]
    fn a_file_without_a_graph_or_cut_short_is_damaged() {
        assert_eq!(scan(&[]), Err("it has no graph"));
        let whole = model_with("DynamicQuantizeLinear");
        for length in 1..whole.len() {
            assert!(scan(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = scan(&bytes);
        }
    }
}
