//! Which operators of a graph become int8, and what is left of the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::int8::Matrix;
use super::model::{Attribute, FLOAT, Node, Read, Tensor};
use super::source::DataFiles;

/// A `MatMul` or `Gemm` whose weight becomes int8.
#[derive(Debug)]
pub(super) struct Layer<'m> {
    /// Index of the node.
    pub node: usize,
    /// Index in [`Plan::weights`].
    pub weight: usize,
    pub activation: &'m str,
    pub output: &'m str,
    /// Added to the product (`Gemm`).
    pub bias: Option<&'m str>,
}

/// What is done with a graph.
#[derive(Debug, Default)]
pub(super) struct Plan<'m> {
    pub layers: Vec<Layer<'m>>,
    /// The weights of the layers: initializer and orientation, each once.
    pub weights: Vec<(&'m str, Matrix<'m>)>,
    /// Initializers that nothing reads any more.
    pub unused: BTreeSet<&'m str>,
    /// Transposes of weights that nothing reads any more.
    pub dropped: BTreeSet<usize>,
}

impl<'m> Plan<'m> {
    /// `kept` are names that something outside the nodes reads: inputs that override an initializer, outputs.
    pub fn make(
        nodes: &[Node<'m>],
        tensors: &[Tensor<'m>],
        data: &'m DataFiles,
        kept: &BTreeSet<&'m str>,
    ) -> Read<Self> {
        let tensors: BTreeMap<&str, &Tensor> = tensors.iter().map(|tensor| (tensor.name, tensor)).collect();
        let producers: BTreeMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .flat_map(|(index, node)| node.outputs.iter().map(move |&output| (output, index)))
            .collect();
        let mut readers: BTreeMap<&str, usize> = BTreeMap::new();
        for node in nodes {
            for &name in node.inputs.iter().chain(&node.captured) {
                *readers.entry(name).or_default() += 1;
            }
        }
        let mut plan = Self::default();
        for (index, node) in nodes.iter().enumerate() {
            let Some((activation, operand, transposed)) = linear(node) else { continue };
            // Older exports keep the weight as `[out, in]` and turn it in the graph.
            let turned = producers.get(operand).copied().filter(|&at| is_transpose(&nodes[at]));
            let name = turned.map_or(Some(operand), |at| nodes[at].inputs.first().copied());
            let Some(tensor) = name.and_then(|name| tensors.get(name)) else { continue };
            if tensor.data_type != FLOAT || tensor.dims.len() != 2 || kept.contains(tensor.name) {
                continue;
            }
            let Some(matrix) = matrix(tensor, data, transposed != turned.is_some())? else { continue };
            let weight = plan.weight(tensor.name, matrix);
            let Some(&output) = node.outputs.first() else { continue };
            let bias = node.inputs.get(2).copied().filter(|name| !name.is_empty());
            plan.layers.push(Layer { node: index, weight, activation, output, bias });
            *readers.entry(operand).or_default() -= 1;
            if let Some(at) = turned
                && readers.get(operand) == Some(&0)
                && !kept.contains(operand)
                && plan.dropped.insert(at)
            {
                *readers.entry(tensor.name).or_default() -= 1;
            }
        }
        let free = |name: &&str| readers.get(name) == Some(&0) && !kept.contains(name);
        plan.unused = plan.weights.iter().map(|&(name, _)| name).filter(free).collect();
        Ok(plan)
    }

    fn weight(&mut self, name: &'m str, matrix: Matrix<'m>) -> usize {
        let same = |(other, found): &(&str, Matrix)| *other == name && found.transposed == matrix.transposed;
        self.weights.iter().position(same).unwrap_or_else(|| {
            self.weights.push((name, matrix));
            self.weights.len() - 1
        })
    }
}

/// Activation, weight and whether the weight is `[out, in]`, for an operator that is a plain product.
fn linear<'m>(node: &Node<'m>) -> Option<(&'m str, &'m str, bool)> {
    let &[activation, weight, ..] = &node.inputs[..] else { return None };
    if node.is("MatMul") {
        return Some((activation, weight, false));
    }
    let float = |name: &str| node.attribute(name).map_or(Some(1.0), |attribute| attribute.float);
    let integer = |name: &str| node.attribute(name).map_or(Some(0), |attribute| attribute.integer);
    // Written by exporters as they are by default; other factors would have to go into the scales.
    let plain = float("alpha") == Some(1.0) && float("beta") == Some(1.0) && integer("transA") == Some(0);
    (node.is("Gemm") && plain).then_some((activation, weight, integer("transB") == Some(1)))
}

/// A transpose of a matrix: its default reverses the axes.
fn is_transpose(node: &Node) -> bool {
    let reverses = |order: &Attribute| order.integers == [1, 0];
    node.is("Transpose") && node.attribute("perm").is_none_or(reverses)
}

/// The tensor's numbers; `None` for a matrix without any, and for numbers that are written one by one.
fn matrix<'m>(tensor: &Tensor<'m>, data: &'m DataFiles, transposed: bool) -> Read<Option<Matrix<'m>>> {
    let damaged = |what: String| format!("tensor {:?}: {what}", tensor.name);
    let Some(bytes) = data.bytes(tensor).map_err(damaged)? else { return Ok(None) };
    let needed = tensor.count().and_then(|count| count.checked_mul(4));
    if needed != Some(bytes.len() as u64) {
        let (dims, has) = (&tensor.dims, bytes.len());
        return Err(damaged(format!("its shape is {dims:?} and it has {has} bytes of float32 numbers")));
    }
    let (rows, columns) = (tensor.dims[0] as usize, tensor.dims[1] as usize);
    Ok((!bytes.is_empty()).then_some(Matrix { bytes, rows, columns, transposed }))
}
