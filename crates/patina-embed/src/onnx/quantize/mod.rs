//! Dynamic int8 from a float32 ONNX file, without Python: what ONNX Runtime's `quantize_dynamic(per_channel=True)` makes
//! of linear layers, written as stock ONNX operators.
//!
//! Each `MatMul` (and plain `Gemm`) over a float32 weight becomes `DynamicQuantizeLinear` → `MatMulInteger` → `Cast` →
//! `Mul`, which ONNX Runtime fuses when it loads the file. Weights are symmetric int8 with one scale per output channel,
//! activations uint8 with one scale per run. Everything else is carried over byte for byte, embedding tables included.
//!
//! # Why this form
//! all-MiniLM-L6-v2, 200 Python functions (24,389 tokens), one text a run, one thread, ONNX Runtime 1.30 on an EPYC with
//! AVX-512 and VNNI; cosine is the lowest and the mean against float32:
//!
//! | form | tokens/s | cosine | file |
//! | --- | --- | --- | --- |
//! | float32 | 4,159 | | 90.3 MB |
//! | this one | 10,058 | 0.9896 / 0.9942 | 58.6 MB |
//! | `com.microsoft.MatMulIntegerToFloat` with bias | 9,893 | 0.9896 / 0.9942 | 58.5 MB |
//! | `com.microsoft.DynamicQuantizeMatMul` with bias | 10,146 | 0.9896 / 0.9942 | 58.5 MB |
//! | unsigned weights | 5,703 | 0.9896 / 0.9942 | 58.6 MB |
//! | range of 7 bits | 10,011 | 0.9852 / 0.9925 | 58.5 MB |
//! | `MatMulNBits`, 8 bits, blocks of 128, accuracy level 4 | 5,945 | 0.9988 / 0.9993 | 58.8 MB |
//! | the same, blocks of 32 | 4,965 | 0.9995 / 0.9997 | 59.8 MB |
//! | `quantize_dynamic`, per channel, `MatMul` alone | 8,081 | 0.9896 / 0.9942 | 58.6 MB |
//! | `quantize_dynamic`, per channel, tables too | 8,199 | 0.9872 / 0.9942 | 23.4 MB |
//!
//! Tables with int8 rows and a scale a row (`Gather` of both, `Cast`, `Mul`) were measured in a second run: 23.5 MB, 3 %
//! slower than this form, cosine 0.9888 / 0.9943 where this form has 0.9896 / 0.9942. They stay float32: nearness
//! and speed count for more than the 35 MB. `MatMulNBits` in blocks up to 64 quantises
//! activations per row, so that its vectors do not depend on their batch; at 1.3 times float32's speed it is another
//! trade, not a better one.

mod int8;
mod model;
mod plan;
mod rewrite;
mod rope;
mod source;
mod write;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::model::{Node, Read, Tensor, value_name};
use self::plan::Plan;
use self::rewrite::{Names, Operators, Tensors, initializers};
use self::rope::{Rope, Weight};
use self::source::DataFiles;
use self::write::write_files;
use super::graph::map;
use super::protobuf::{Field, Fields, put_content};
use crate::error::{Error, ErrorKind, Result};
use crate::options::AbortFlag;

/// Bytes of tensors from which on they go into a file of their own. A protocol buffer ends at 2 GiB, and one that holds
/// its tensors is in memory twice while a runtime loads it.
const MOST_INLINE: u64 = 1 << 30;

/// What [`quantize`] is told.
pub struct QuantizeOptions<'a> {
    /// Weights within ±64 in place of ±127. `None`: where [`reduced_range_is_needed`].
    pub reduce_range: Option<bool>,
    /// Bytes of tensors from which on they go into a data file beside the graph, at most 1 GiB.
    pub most_inline: Option<u64>,
    /// Ends the work with [`ErrorKind::Aborted`]; nothing is left behind.
    pub abort: AbortFlag,
    /// Called with bytes written and bytes in all.
    pub on_progress: Box<dyn Fn(u64, u64) + Send + 'a>,
}

impl Default for QuantizeOptions<'_> {
    fn default() -> Self {
        Self { reduce_range: None, most_inline: None, abort: AbortFlag::default(), on_progress: Box::new(|_, _| {}) }
    }
}

/// What [`quantize`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantizeReport {
    /// Linear layers that compute in int8 now.
    pub layers: usize,
    /// Bytes of their weights before.
    pub weight_bytes: u64,
    /// Whether weights are within ±64.
    pub reduce_range: bool,
    /// The files that were written: the graph and, for a large model, its data file.
    pub files: Vec<PathBuf>,
}

/// Whether this processor needs weights within ±64: an x86 one without VNNI adds two products of unsigned and signed
/// bytes in 16 bits, which saturate (ONNX Runtime, "Quantize ONNX models", on `reduce_range`).
#[must_use]
pub fn reduced_range_is_needed() -> bool {
    let has_vnni = || crate::cpu::features().iter().any(|feature| ["avx512vnni", "avxvnni"].contains(feature));
    cfg!(target_arch = "x86_64") && !has_vnni()
}

/// Writes the float32 model in `source` to `target` with its linear layers in dynamic int8, tensor by tensor: memory
/// stays at the graph, the scales and a few megabytes, however large the model is. Both files appear by rename, once
/// their bytes are on disk. A data file is called as `target` with `_data` behind it.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the model is quantised already, has no float32 linear layer, or its operators are of a
/// set before 11, which has no `DynamicQuantizeLinear`; [`ErrorKind::Integrity`] naming the tensor where the file is
/// damaged or a weight is not finite; [`ErrorKind::ModelMissing`] where a file is not there; [`ErrorKind::Aborted`];
/// [`ErrorKind::Io`] where `target` cannot be written.
pub fn quantize(source: &Path, target: &Path, options: &QuantizeOptions) -> Result<QuantizeReport> {
    if super::graph::quantizes_dynamically(source)? {
        return Err(unusable(source, "is quantised already; convert from a float32 file"));
    }
    let bytes = map(source)?;
    let damaged = |what: String| {
        let message = format!("{} cannot be quantised: {what}", source.display());
        Error::new(ErrorKind::Integrity, message).with_file(source)
    };
    let model = Model::read(&bytes).map_err(damaged)?;
    if model.opset < 11 {
        let version = model.opset;
        return Err(unusable(source, &format!("has operators of set {version}; int8 needs 11 or later")));
    }
    let data = DataFiles::open(source, &model.tensors)?;
    let plan = Plan::make(&model.nodes, &model.tensors, &data, &model.kept).map_err(damaged)?;
    if plan.layers.is_empty() {
        return Err(unusable(source, "has no linear layer over float32 weights"));
    }
    let reduce_range = options.reduce_range.unwrap_or_else(reduced_range_is_needed);
    let largest = int8::largest(reduce_range);
    let mut weights = Vec::new();
    for &(name, matrix) in &plan.weights {
        if options.abort.is_aborted() {
            return Err(Error::aborted());
        }
        let infinite = || damaged(format!("tensor {name:?} holds NaN or infinity"));
        weights.push(Weight { name, matrix, scales: matrix.scales(largest).ok_or_else(infinite)?, largest });
    }
    let most_inline = options.most_inline.unwrap_or(MOST_INLINE).min(MOST_INLINE);
    let inline = model.bytes_after(&plan, &data).map_err(damaged)? < most_inline;
    let data_file = write::data_file(target);
    let location = data_file.file_name().map(|name| name.to_string_lossy().into_owned());
    let tensors = Tensors::new(if inline { None } else { location });
    let (graph, tensors) = model.rewrite(&plan, &weights, &data, tensors).map_err(damaged)?;
    let files = write_files(target, &graph, &tensors.data, &weights, options)?;
    Ok(QuantizeReport {
        layers: plan.layers.len(),
        weight_bytes: plan.weights.iter().map(|(_, matrix)| matrix.bytes.len() as u64).sum(),
        reduce_range,
        files,
    })
}

fn unusable(source: &Path, what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("{} {what}", source.display())).with_file(source)
}

/// A model's fields, and what of its graph is looked at.
struct Model<'m> {
    fields: Vec<Field<'m>>,
    graph: Vec<Field<'m>>,
    nodes: Vec<Node<'m>>,
    tensors: Vec<Tensor<'m>>,
    /// Names of the graph's inputs and outputs.
    kept: BTreeSet<&'m str>,
    /// Version of the standard operators.
    opset: u64,
}

impl<'m> Model<'m> {
    fn read(bytes: &'m [u8]) -> Read<Self> {
        let fields = Fields(bytes).collect::<std::result::Result<Vec<_>, _>>()?;
        let graph = fields.iter().find(|field| field.number == 7).ok_or("it has no graph")?.content();
        let graph = Fields(graph).collect::<std::result::Result<Vec<_>, _>>()?;
        let mut model = Self {
            nodes: Vec::new(),
            tensors: Vec::new(),
            kept: BTreeSet::new(),
            opset: opset(&fields)?,
            fields,
            graph,
        };
        for field in &model.graph {
            match field.number {
                1 => model.nodes.push(Node::read(field.content())?),
                5 => model.tensors.push(Tensor::read(field.content())?),
                11 | 12 => _ = model.kept.insert(value_name(field.content())?),
                _ => {}
            }
        }
        Ok(model)
    }

    /// Bytes of tensors that the quantised model has.
    fn bytes_after(&self, plan: &Plan, data: &DataFiles) -> Read<u64> {
        let mut total = plan.weights.iter().map(|(_, matrix)| matrix.bytes.len() as u64 / 4).sum::<u64>();
        for tensor in self.tensors.iter().filter(|tensor| !plan.unused.contains(tensor.name)) {
            let named = |what: String| format!("tensor {:?}: {what}", tensor.name);
            total += data.bytes(tensor).map_err(named)?.map_or(tensor.message.len(), <[u8]>::len) as u64;
        }
        Ok(total)
    }

    fn rewrite(
        &self,
        plan: &Plan<'m>,
        weights: &[Weight<'m>],
        data: &'m DataFiles,
        mut tensors: Tensors<'m>,
    ) -> Read<(Rope<'m>, Tensors<'m>)> {
        let taken = self.nodes.iter().flat_map(|node| node.inputs.iter().chain(&node.outputs).chain(&node.captured));
        let names = Names(
            taken.copied().chain(self.tensors.iter().map(|tensor| tensor.name)).chain(self.kept.clone()).collect(),
        );
        let mut operators = Operators::new(&names);
        let mut graph = Rope::default();
        let (mut nodes, mut initials) = (0, 0);
        let mut layers = plan.layers.iter().peekable();
        for field in &self.graph {
            match field.number {
                1 => {
                    if let Some(layer) = layers.next_if(|layer| layer.node == nodes) {
                        for message in operators.layer(layer, weights, self.nodes[nodes].name) {
                            let mut node = Vec::new();
                            put_content(&mut node, 1, &message);
                            graph.push_new(node);
                        }
                    } else if !plan.dropped.contains(&nodes) {
                        graph.push_source(field.raw);
                    }
                    nodes += 1;
                }
                5 => {
                    let tensor = &self.tensors[initials];
                    if !plan.unused.contains(tensor.name) {
                        graph.push_field(5, tensors.carried(tensor, data)?);
                    }
                    initials += 1;
                }
                _ => graph.push_source(field.raw),
            }
        }
        for initializer in initializers(weights, &names, &mut tensors) {
            graph.push_field(5, initializer);
        }
        let mut whole = Rope::default();
        let mut graph = Some(graph);
        for field in &self.fields {
            match (field.number, graph.take_if(|_| field.number == 7)) {
                (7, Some(graph)) => whole.push_field(7, graph),
                (7, None) => return Err("it has two graphs".to_owned()),
                _ => whole.push_source(field.raw),
            }
        }
        Ok((whole, tensors))
    }
}

/// `ModelProto.opset_import` (8) of the standard domain: `OperatorSetIdProto` domain 1, version 2.
fn opset(fields: &[Field]) -> Read<u64> {
    let mut version = 0;
    for import in fields.iter().filter(|field| field.number == 8) {
        let (mut domain, mut number): (&[u8], u64) = (b"", 0);
        for field in Fields(import.content()) {
            let field = field?;
            match (field.number, field.value) {
                (1, _) => domain = field.content(),
                (2, super::protobuf::Value::Number(found)) => number = found,
                _ => {}
            }
        }
        if domain.is_empty() || domain == b"ai.onnx" {
            version = number;
        }
    }
    Ok(version)
}
