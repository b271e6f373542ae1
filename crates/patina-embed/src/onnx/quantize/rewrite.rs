//! The quantised model as pieces to write: the source's own bytes wherever nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{FLOAT, Read, Tensor};
use super::plan::Layer;
use super::rope::{Piece, Rope, Weight};
use super::source::DataFiles;
use crate::onnx::protobuf::{put_content, put_header, put_number};

/// `TensorProto.DataType.INT8`
const INT8: u64 = 3;
/// A tensor below this many bytes stays in the graph, as exporters do: a page of a data file for a bias gains nothing.
const LEAST_EXTERNAL: u64 = 1024;
/// Tensors in a data file begin at a page, so that a runtime can map them.
const PAGE: u64 = 4096;

/// Where the bytes of tensors go.
pub(super) struct Tensors<'m> {
    /// The name of the data file beside the graph; `None` keeps every tensor in the graph.
    location: Option<String>,
    /// The data file's contents.
    pub data: Rope<'m>,
}

impl<'m> Tensors<'m> {
    pub fn new(location: Option<String>) -> Self {
        Self { location, data: Rope::default() }
    }

    /// A `TensorProto` over a piece.
    pub fn tensor(&mut self, name: &str, dims: &[u64], data_type: u64, piece: Piece<'m>, length: u64) -> Rope<'m> {
        let mut head = Vec::new();
        for &size in dims {
            put_number(&mut head, 1, size);
        }
        put_number(&mut head, 2, data_type);
        put_content(&mut head, 8, name.as_bytes());
        let mut message = Rope::default();
        match &self.location {
            Some(location) if length >= LEAST_EXTERNAL => {
                let padding = self.data.length().next_multiple_of(PAGE) - self.data.length();
                self.data.push_new(vec![0; padding as usize]);
                let offset = self.data.length().to_string();
                let entries = [("location", location.clone()), ("offset", offset), ("length", length.to_string())];
                for (key, value) in entries {
                    let mut entry = Vec::new();
                    put_content(&mut entry, 1, key.as_bytes());
                    put_content(&mut entry, 2, value.as_bytes());
                    put_content(&mut head, 13, &entry);
                }
                put_number(&mut head, 14, 1);
                self.data.push(piece, length);
                message.push_new(head);
            }
            _ => {
                put_header(&mut head, 9, length);
                message.push_new(head);
                message.push(piece, length);
            }
        }
        message
    }

    /// An initializer that stays: its own bytes where its numbers stay where they are, else with the numbers moved.
    pub fn carried(&mut self, tensor: &Tensor<'m>, data: &'m DataFiles) -> Read<Rope<'m>> {
        let moves = tensor.external.is_some() || self.location.is_some();
        if moves
            && let Some(bytes) = data.bytes(tensor)?
            && (tensor.external.is_some() || bytes.len() as u64 >= LEAST_EXTERNAL)
        {
            let piece = Piece::Source(bytes);
            return Ok(self.tensor(tensor.name, &tensor.dims, tensor.data_type, piece, bytes.len() as u64));
        }
        let mut own = Rope::default();
        own.push_source(tensor.message);
        Ok(own)
    }
}

/// Names of new values, none of which the graph has already.
pub(super) struct Names<'m>(pub BTreeSet<&'m str>);

impl Names<'_> {
    fn free(&self, base: &str, suffix: &str) -> String {
        let mut name = format!("{base}{suffix}");
        while self.0.contains(name.as_str()) {
            name.push('_');
        }
        name
    }

    fn int8(&self, weight: &Weight) -> String {
        self.free(weight.name, if weight.matrix.transposed { "_int8_transposed" } else { "_int8" })
    }

    fn scale(&self, weight: &Weight) -> String {
        self.free(weight.name, if weight.matrix.transposed { "_scale_transposed" } else { "_scale" })
    }
}

/// The two initializers of each weight: int8 `[in, out]` and float32 scales `[out]`.
pub(super) fn initializers<'m>(weights: &[Weight<'m>], names: &Names, tensors: &mut Tensors<'m>) -> Vec<Rope<'m>> {
    let mut all = Vec::new();
    for (index, weight) in weights.iter().enumerate() {
        let (inputs, outputs) = weight.matrix.shape();
        let (inputs, outputs) = (inputs as u64, outputs as u64);
        all.push(tensors.tensor(&names.int8(weight), &[inputs, outputs], INT8, Piece::Weight(index), inputs * outputs));
        let scales: Vec<u8> = weight.scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        let length = scales.len() as u64;
        all.push(tensors.tensor(&names.scale(weight), &[outputs], FLOAT, Piece::New(scales), length));
    }
    all
}

/// Writes the operators of layers. An activation that several layers read (query, key and value) is quantised once.
pub(super) struct Operators<'n> {
    names: &'n Names<'n>,
    quantized: BTreeMap<String, [String; 3]>,
}

impl<'n> Operators<'n> {
    pub fn new(names: &'n Names<'n>) -> Self {
        Self { names, quantized: BTreeMap::new() }
    }

    /// The nodes that stand for a layer, each as a `NodeProto`.
    pub fn layer(&mut self, layer: &Layer, weights: &[Weight], name: &str) -> Vec<Vec<u8>> {
        let mut nodes = Vec::new();
        let weight = &weights[layer.weight];
        let activation = layer.activation;
        let names = self.names;
        let [numbers, scale, zero] = self.quantized.entry(activation.to_owned()).or_insert_with(|| {
            let made = ["_quantized", "_quantized_scale", "_quantized_zero"].map(|end| names.free(activation, end));
            let outputs = made.each_ref().map(String::as_str);
            nodes.push(node("DynamicQuantizeLinear", &made[0], &[activation], &outputs, None));
            made
        });
        let value = |suffix: &str| names.free(layer.output, suffix);
        let (sum, real, factor) = (value("_int32"), value("_float32"), value("_factor"));
        nodes.push(node("MatMulInteger", name, &[numbers, &names.int8(weight), zero], &[&sum], None));
        // What `Cast` is told is a `TensorProto.DataType` as well.
        nodes.push(node("Cast", &real, &[&sum], &[&real], Some(("to", FLOAT))));
        nodes.push(node("Mul", &factor, &[scale, &names.scale(weight)], &[&factor], None));
        match layer.bias {
            None => nodes.push(node("Mul", &value("_scaled"), &[&real, &factor], &[layer.output], None)),
            Some(bias) => {
                let product = value("_scaled");
                nodes.push(node("Mul", &product, &[&real, &factor], &[&product], None));
                nodes.push(node("Add", &value("_biased"), &[&product, bias], &[layer.output], None));
            }
        }
        nodes
    }
}

fn node(operator: &str, name: &str, inputs: &[&str], outputs: &[&str], attribute: Option<(&str, u64)>) -> Vec<u8> {
    let mut message = Vec::new();
    for input in inputs {
        put_content(&mut message, 1, input.as_bytes());
    }
    for output in outputs {
        put_content(&mut message, 2, output.as_bytes());
    }
    put_content(&mut message, 3, name.as_bytes());
    put_content(&mut message, 4, operator.as_bytes());
    if let Some((name, value)) = attribute {
        let mut content = Vec::new();
        put_content(&mut content, 1, name.as_bytes());
        put_number(&mut content, 3, value);
        // `AttributeProto.AttributeType.INT`
        put_number(&mut content, 20, 2);
        put_content(&mut message, 5, &content);
    }
    message
}
