//! What an ONNX file says of itself before ONNX Runtime sees it, read from the file's own bytes: whether activations are
//! quantised while the model runs, which a file's name does not tell, and which tensors lie in other files.
//!
//! An ONNX file is a protocol buffer. The field numbers below are those of `onnx.proto`
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::external_data::{self, Tensor};
use super::protobuf::{Defect, Field, Fields, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{FileRole, ModelSpec};

/// Operators that choose a scale from the numbers of a run: a text's vector then depends on its batch-mates.
const DYNAMIC_QUANTIZATION: [&[u8]; 4] =
    [b"DynamicQuantizeLinear", b"DynamicQuantizeMatMul", b"DynamicQuantizeLSTM", b"MatMulIntegerToFloat"];

/// Messages within messages that are followed; real graphs have six (graph, node, branch, node, attribute, tensor).
const MOST_NESTED: usize = 64;

/// The messages of `onnx.proto` through which a node or a tensor is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    SparseTensor,
    Tensor,
}

impl Message {
    /// The message that field `number` of this one holds, and whether the field may be there several times.
    fn inner(self, number: u64) -> Option<(Self, bool)> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Training, 1 | 2) | (Self::Attribute, 6) => (Self::Graph, false),
            (Self::Attribute, 11) => (Self::Graph, true),
            (Self::Model, 20) => (Self::Training, true),
            (Self::Model, 25) => (Self::Function, true),
            (Self::Function, 7) | (Self::Graph, 1) => (Self::Node, true),
            (Self::Function, 11) | (Self::Node, 5) => (Self::Attribute, true),
            (Self::Attribute, 5) | (Self::SparseTensor, 1 | 2) => (Self::Tensor, false),
            (Self::Graph, 5) | (Self::Attribute, 10) => (Self::Tensor, true),
            (Self::Attribute, 22) => (Self::SparseTensor, false),
            (Self::Graph, 15) | (Self::Attribute, 23) => (Self::SparseTensor, true),
            _ => return None,
        })
    }
}

/// What a look into an ONNX file found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings<'bytes> {
    /// Whether activations are quantised from the numbers of each run.
    pub quantizes_dynamically: bool,
    /// The operators that its nodes name.
    pub operators: HashSet<&'bytes [u8]>,
    /// Every `TensorProto`, as it stands in the file.
    pub tensors: Vec<&'bytes [u8]>,
    has_graph: bool,
    pub external: Vec<Tensor<'bytes>>,
}

impl<'bytes> Findings<'bytes> {
    /// The files beside the model that hold tensors of it, as it names them, each once.
    pub fn data_files(&self) -> Vec<&'bytes str> {
        let mut files: Vec<&str> = self.external.iter().map(Tensor::location).collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// Reads the model's file and sees to it that whatever it has ONNX Runtime open is a verified file of the model.
/// Returns whether it quantises its activations from the numbers of each run.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the file is no ONNX model, and those of [`external_data::check`].
pub(super) fn inspect(spec: &ModelSpec) -> Result<bool> {
    let path = spec.file(FileRole::Weights)?;
    look(path, |findings| {
        external_data::check(spec, path, &findings.external)?;
        Ok(findings.quantizes_dynamically)
    })?
}

/// Whether the model in `path`, of which nothing but this file is looked at, quantises its activations from the numbers
/// of each run.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the file is no ONNX model, [`ErrorKind::ModelMissing`] where it cannot be opened.
pub(super) fn quantizes_dynamically(path: &Path) -> Result<bool> {
    look(path, |findings| findings.quantizes_dynamically)
}

/// What `read` makes of a look into the file at `path`, of which nothing but this file is looked at.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the file is no ONNX model, [`ErrorKind::ModelMissing`] where it cannot be opened.
pub(super) fn look<T>(path: &Path, read: impl FnOnce(Findings) -> T) -> Result<T> {
    let bytes = map(path)?;
    scan(&bytes).map(read).map_err(|what| damaged(path, what))
}

/// The files beside the graph in `path` that hold some of its tensors, sorted.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the file is no ONNX model or refers to what lies elsewhere, [`ErrorKind::ModelMissing`]
/// where a file cannot be opened.
pub(crate) fn data_files(path: &Path) -> Result<Vec<PathBuf>> {
    look(path, |findings| external_data::files(path, &findings.external))?
}

/// Maps a model's file.
pub(super) fn map(path: &Path) -> Result<memmap2::Mmap> {
    let file = std::fs::File::open(path).map_err(|source| {
        Error::new(ErrorKind::ModelMissing, format!("{} cannot be opened", path.display()))
            .with_file(path)
            .with_source(source)
    })?;
    // SAFETY: the mapping is read-only; model files are replaced by rename, never written in place, so the bytes under it
    // do not change while somebody reads them.
    unsafe { memmap2::Mmap::map(&file) }.map_err(|_| damaged(path, "it is empty or cannot be mapped"))
}

fn damaged(path: &Path, what: Defect) -> Error {
    Error::new(
        ErrorKind::Integrity,
        format!("{} is no whole ONNX file ({what}); fetch it again with `patina model add`", path.display()),
    )
    .with_file(path)
}

fn scan(model: &[u8]) -> std::result::Result<Findings<'_>, Defect> {
    let mut findings = Findings::default();
    walk(Message::Model, model, 0, &mut findings)?;
    if findings.has_graph { Ok(findings) } else { Err("it has no graph") }
}

/// Looks through a message and those inside it.
fn walk<'bytes>(
    message: Message,
    bytes: &'bytes [u8],
    depth: usize,
    findings: &mut Findings<'bytes>,
) -> std::result::Result<(), Defect> {
    if depth > MOST_NESTED {
        return Err("its messages are nested without end");
    }
    if message == Message::Tensor {
        findings.tensors.push(bytes);
        findings.external.extend(Tensor::read(bytes)?);
        return Ok(());
    }
    match message {
        Message::Node => check_node(bytes)?,
        Message::Attribute => check_attribute(bytes)?,
        _ => {}
    }
    // Bit n: field n was met. A reader would merge two of them, and where a tensor's numbers are would be in neither.
    let mut met = 0_u64;
    for field in Fields(bytes) {
        let Field { number, value: Value::Content(content), .. } = field? else { continue };
        if message == Message::Node && number == 4 {
            findings.quantizes_dynamically |= DYNAMIC_QUANTIZATION.contains(&content);
            findings.operators.insert(content);
        }
        let Some((inner, repeated)) = message.inner(number) else { continue };
        if !repeated && met & (1 << number) != 0 {
            return Err("it gives twice what there is one of");
        }
        met |= 1 << number;
        findings.has_graph |= (message, inner) == (Message::Model, Message::Graph);
        walk(inner, content, depth + 1, findings)?;
    }
    Ok(())
}

/// Refuses what ends the process within ONNX Runtime: 1.30 crashes where it fuses a `LayerNormalization` one of whose
/// inputs is there without a name. (One that has no bias has two inputs.) Field numbers: input 1, `op_type` 4.
fn check_node(node: &[u8]) -> std::result::Result<(), Defect> {
    let (mut is_norm, mut nameless) = (false, false);
    for field in Fields(node) {
        let Field { number, value, .. } = field?;
        match (number, value) {
            (1, Value::Content(input)) => nameless |= input.is_empty(),
            (4, Value::Content(operator)) => is_norm = operator == b"LayerNormalization",
            _ => {}
        }
    }
    if is_norm && nameless { Err("an input of its LayerNormalization has no name") } else { Ok(()) }
}

/// Refuses what ends the process within ONNX Runtime: 1.30 takes a negative `batch_dims` of `GatherND` for an index into
/// a shape (found by changing attributes at random; -3 and below crashed). Field numbers: name 1, i 3.
fn check_attribute(attribute: &[u8]) -> std::result::Result<(), Defect> {
    let (mut is_count, mut negative) = (false, false);
    for field in Fields(attribute) {
        let Field { number, value, .. } = field?;
        match (number, value) {
            (1, Value::Content(name)) => is_count = name == b"batch_dims",
            (3, Value::Number(number)) => negative = (number as i64) < 0,
            _ => {}
        }
    }
    if is_count && negative { Err("it counts batch_dims below 0") } else { Ok(()) }
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

    fn quantizes(model: &[u8]) -> bool {
        scan(model).is_ok_and(|findings| findings.quantizes_dynamically)
    }

    #[test]
    fn knows_dynamic_quantization_by_its_operators() {
        assert!(quantizes(&model_with("DynamicQuantizeLinear")));
        assert!(!quantizes(&model_with("MatMul")));
        // Weights that are stored in int8 and multiplied in float32 do not depend on the batch.
        assert!(!quantizes(&model_with("DequantizeLinear")));
    }

    #[test]
    fn looks_into_the_branches_of_a_graph() {
        let inner = message(1, &message(4, b"DynamicQuantizeLinear"));
        let branch = message(1, &[message(4, b"If"), message(5, &message(6, &inner))].concat());
        assert!(quantizes(&message(7, &branch)));
    }

    #[test]
    fn finds_tensors_outside_wherever_they_are() {
        let entry = message(13, &[message(1, b"location"), message(2, b"data")].concat());
        let tensor = [message(8, b"w"), entry].concat();
        let constant = message(1, &message(5, &message(5, &tensor)));
        let branch = message(1, &message(5, &message(6, &message(5, &tensor))));
        let sparse = message(15, &message(1, &tensor));
        for graph in [message(5, &tensor), constant, branch, sparse] {
            assert_eq!(scan(&message(7, &graph)).map(|findings| findings.external.len()), Ok(1), "{graph:?}");
        }
    }

    #[test]
    fn a_file_without_a_graph_or_cut_short_is_damaged() {
        assert_eq!(scan(&[]), Err("it has no graph"));
        let whole = model_with("DynamicQuantizeLinear");
        for length in 1..whole.len() {
            assert!(scan(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
        }
    }

    #[test]
    fn what_a_reader_would_merge_is_refused() {
        let graph = model_with("MatMul");
        assert!(scan(&[graph.clone(), graph].concat()).is_err());
    }

    #[test]
    fn a_nameless_input_that_crashes_onnx_runtime_is_refused() {
        let with = |bias: &[u8]| {
            let inputs = [message(1, b"x"), message(1, b"weight"), message(1, bias)].concat();
            message(7, &message(1, &[inputs, message(4, b"LayerNormalization")].concat()))
        };
        assert!(scan(&with(b"bias")).is_ok());
        assert!(scan(&with(b"")).is_err());
    }

    #[test]
    fn a_count_that_crashes_onnx_runtime_is_refused() {
        let with = |number: &[u8]| {
            let attribute = [message(1, b"batch_dims"), number.to_vec()].concat();
            message(7, &message(1, &[message(4, b"GatherND"), message(5, &attribute)].concat()))
        };
        assert!(scan(&with(&[3 << 3, 1])).is_ok());
        // -3 as a number of 64 bits.
        let minus_3 = [3 << 3, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(scan(&with(&minus_3)), Err("it counts batch_dims below 0"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = scan(&bytes);
        }
    }
}
