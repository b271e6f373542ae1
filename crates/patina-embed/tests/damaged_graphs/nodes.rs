//! Changes of what a graph computes: its operators and what they are given.

use super::support::damage::Random;
use super::tree::{Field, Kind, Message, Value};
use super::{DOMAINS, any, any_value, pick};

/// Operators with shapes, axes, graphs or kernels of their own to get wrong, of ONNX and of ONNX Runtime.
const OPERATORS: [&str; 34] = [
    "Add",
    "MatMul",
    "Gemm",
    "Reshape",
    "Transpose",
    "Gather",
    "GatherND",
    "ScatterND",
    "Concat",
    "Split",
    "Slice",
    "Expand",
    "Tile",
    "Range",
    "Pad",
    "Resize",
    "Where",
    "Cast",
    "Shape",
    "ConstantOfShape",
    "Unsqueeze",
    "Squeeze",
    "ReduceMean",
    "Softmax",
    "LayerNormalization",
    "Einsum",
    "If",
    "Loop",
    "Conv",
    "LSTM",
    "DequantizeLinear",
    "MatMulInteger",
    "GroupQueryAttention",
    "NoSuchOperator",
];

pub fn operator(model: &mut Message, random: &mut Random) -> Option<String> {
    let node = any(model, random, Kind::Node)?;
    let (from, to) = (node.text(4), OPERATORS[random.below(OPERATORS.len())]);
    node.set(Field::text(4, to));
    if random.below(4) == 0 {
        node.set(Field::text(7, DOMAINS[random.below(DOMAINS.len())]));
    }
    Some(format!("{from} {:?} is {to} of domain {:?}", node.text(3), node.text(7)))
}

/// Another operator that takes as many inputs and has no other attributes.
pub fn like_operator(model: &mut Message, random: &mut Random) -> Option<String> {
    const ALIKE: [&[&str]; 4] = [
        &[
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Pow",
            "MatMul",
            "Mod",
            "Expand",
            "Reshape",
            "Tile",
            "Gather",
            "GatherND",
            "Unsqueeze",
        ],
        &[
            "Sqrt",
            "Erf",
            "Tanh",
            "Sigmoid",
            "Reciprocal",
            "Neg",
            "Relu",
            "Identity",
            "Shape",
            "Transpose",
            "Squeeze",
            "Size",
        ],
        &["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "Gemm", "Where", "Slice"],
        &["Softmax", "LogSoftmax", "Flatten", "Concat", "Hardmax", "CumSum"],
    ];
    let alike = |operator: &str| ALIKE.iter().find(|alike| alike.contains(&operator));
    let node = pick(model, random, &|message| message.kind == Kind::Node && alike(&message.text(4)).is_some())?;
    let from = node.text(4);
    let others = alike(&from)?;
    let to = others[random.below(others.len())];
    node.set(Field::text(4, to));
    (from != to).then(|| format!("{from} {:?} is {to}", node.text(3)))
}

/// An input of a node is what an earlier one made, a weight or an input of the graph: the graph is still in order.
pub fn rewiring(model: &mut Message, random: &mut Random) -> Option<String> {
    let graph = any(model, random, Kind::Graph)?;
    let nodes: Vec<usize> = (0..graph.fields.len()).filter(|&at| graph.fields[at].number == 1).collect();
    let late = random.below(nodes.len().max(1));
    let early = *nodes.get(random.below(late.max(1)))?;
    let sources: Vec<String> = graph
        .fields
        .iter()
        .enumerate()
        .filter_map(|(at, field)| match (&field.value, field.number) {
            (Value::Message(node), 1) if at == early => Some(node.text(2)),
            (Value::Message(tensor), 5) => Some(tensor.text(8)),
            (Value::Message(input), 11) => Some(input.text(1)),
            _ => None,
        })
        .collect();
    let source = sources.get(random.below(sources.len().max(1)))?;
    let Value::Message(node) = &mut graph.fields[*nodes.get(late)?].value else { return None };
    let (operator, name) = (node.text(4), node.text(3));
    let inputs = node.fields.iter().filter(|field| field.number == 1).count();
    let input = node.fields.iter_mut().filter(|field| field.number == 1).nth(random.below(inputs.max(1)))?;
    *input = Field::text(1, source);
    Some(format!("an input of {operator} {name:?} is {source:?}"))
}

pub fn wiring(model: &mut Message, random: &mut Random) -> Option<String> {
    let other = any_value(model, random)?;
    let node = any(model, random, Kind::Node)?;
    let (operator, name) = (node.text(4), node.text(3));
    let side = 1 + random.below(2) as u64;
    let mine: Vec<usize> = (0..node.fields.len()).filter(|&at| node.fields[at].number == side).collect();
    let at = *mine.get(random.below(mine.len().max(1)))?;
    let side = if side == 1 { "input" } else { "output" };
    let field = &mut node.fields[at];
    let what = match random.below(4) {
        0 => {
            let again = field.clone();
            node.fields.insert(at, again);
            "is there twice".to_owned()
        }
        1 => {
            node.fields.remove(at);
            "is gone".to_owned()
        }
        2 => {
            field.value = Value::Content(b"no-such-value".to_vec());
            "is one that is not there".to_owned()
        }
        _ => {
            field.value = Value::Content(other.clone().into_bytes());
            format!("is {other:?}")
        }
    };
    Some(format!("an {side} of {operator} {name:?} {what}"))
}

/// An input or output that is there without a name is one that is left out, which few operators allow.
pub fn nameless(model: &mut Message, random: &mut Random) -> Option<String> {
    let node = any(model, random, Kind::Node)?;
    let (operator, name) = (node.text(4), node.text(3));
    let count = node.fields.iter().filter(|field| matches!(field.number, 1 | 2)).count();
    let at = random.below(count.max(1));
    let field = node.fields.iter_mut().filter(|field| matches!(field.number, 1 | 2)).nth(at)?;
    field.value = Value::Content(Vec::new());
    Some(format!("of {operator} {name:?} the input or output {at} has no name"))
}
