//! Changes of what a graph computes: its operators, their inputs, outputs and attributes, what it declares, and by which
//! version of the operators.

use super::support::damage::Random;
use super::tree::{Field, Kind, Message, Value};
use super::{integer, pick};

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

const DOMAINS: [&str; 6] = ["", "ai.onnx", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.ml", "no.such.domain"];

fn any<'model>(model: &'model mut Message, random: &mut Random, kind: Kind) -> Option<&'model mut Message> {
    pick(model, random, &|message| message.kind == kind)
}

/// A name that some node gives to a value.
fn any_value(model: &mut Message, random: &mut Random) -> Option<String> {
    any(model, random, Kind::Node).map(|node| node.text(2))
}

pub fn operator(model: &mut Message, random: &mut Random) -> Option<String> {
    let node = any(model, random, Kind::Node)?;
    let (from, to) = (node.text(4), OPERATORS[random.below(OPERATORS.len())]);
    node.set(Field::text(4, to));
    if random.below(4) == 0 {
        node.set(Field::text(7, DOMAINS[random.below(DOMAINS.len())]));
    }
    Some(format!("{from} {:?} is {to} of domain {:?}", node.text(3), node.text(7)))
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
    let what = match random.below(6) {
        0 => {
            field.value = Value::Content(Vec::new());
            "has no name".to_owned()
        }
        1 => {
            let again = field.clone();
            node.fields.insert(at, again);
            "is there twice".to_owned()
        }
        2 => {
            node.fields.remove(at);
            "is gone".to_owned()
        }
        3 => {
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

pub fn attribute(model: &mut Message, random: &mut Random) -> Option<String> {
    let attribute = any(model, random, Kind::Attribute)?;
    let name = attribute.text(1);
    let what = match random.below(6) {
        0 => {
            let kind = random.below(16) as i64;
            attribute.set(Field::integer(20, kind));
            format!("is of type {kind}")
        }
        1 => {
            let value = [f32::NAN, f32::INFINITY, -1.0, 0.0, 1e38][random.below(5)];
            attribute.set(Field::new(2, Value::Fixed(value.to_le_bytes().to_vec())));
            format!("is {value}")
        }
        2 => {
            let value = [&b""[..], b"x", b"SAME_UPPER", b"\xff\xfe", b"ij,jk->ik", b"i...,...->"][random.below(6)];
            attribute.set(Field::new(4, Value::Content(value.to_vec())));
            format!("is {value:?}")
        }
        3 => {
            let count = random.below(4);
            attribute.fields.retain(|field| field.number != 8);
            let values: Vec<i64> = (0..count).map(|_| integer(random)).collect();
            attribute.fields.extend(values.iter().map(|&value| Field::integer(8, value)));
            format!("is {values:?}")
        }
        _ => {
            // Of an attribute with several numbers, one.
            let value = integer(random);
            let many = attribute.fields.iter_mut().filter(|field| field.number == 8).count();
            let number = if many > 0 { 8 } else { 3 };
            let field =
                attribute.fields.iter_mut().filter(|field| field.number == number).nth(random.below(many.max(1)))?;
            field.value = Value::Number(value as u64);
            format!("has {value}")
        }
    };
    Some(format!("attribute {name} {what}"))
}

/// A number under a name that an operator may know.
pub fn new_attribute(model: &mut Message, random: &mut Random) -> Option<String> {
    const NAMES: [&str; 14] = [
        "axis",
        "axes",
        "to",
        "keepdims",
        "perm",
        "epsilon",
        "batch_dims",
        "num_heads",
        "kv_num_heads",
        "num_outputs",
        "start",
        "end",
        "transB",
        "allowzero",
    ];
    let node = any(model, random, Kind::Node)?;
    let (name, value) = (NAMES[random.below(NAMES.len())], integer(random));
    let fields = vec![Field::text(1, name), Field::integer(3, value), Field::integer(20, 2)];
    node.fields.push(Field::new(5, Value::Message(Message::new(Kind::Attribute, fields))));
    Some(format!("{} {:?} has {name} {value}", node.text(4), node.text(3)))
}

/// Inputs and outputs of the graph, and what it says of values between: another name, type of numbers or size.
pub fn declaration(model: &mut Message, random: &mut Random) -> Option<String> {
    let other = any_value(model, random)?;
    let declared = any(model, random, Kind::ValueInfo)?;
    let name = declared.text(1);
    Some(match random.below(4) {
        0 => {
            declared.set(Field::text(1, &other));
            format!("{name:?} is declared as {other:?}")
        }
        1 => {
            let to = ["", "last_hidden_state", "sentence_embedding", "input_ids", "position_ids", "x"][random.below(6)];
            declared.set(Field::text(1, to));
            format!("{name:?} is declared as {to:?}")
        }
        2 => {
            let kind = if random.below(4) == 0 { integer(random) } else { random.below(27) as i64 };
            any(declared, random, Kind::TensorType)?.set(Field::integer(1, kind));
            format!("{name:?} is declared with numbers of type {kind}")
        }
        _ => {
            let size = integer(random);
            let dimension = any(declared, random, Kind::Dimension)?;
            dimension.fields.clear();
            dimension.set(Field::integer(1, size));
            format!("{name:?} is declared with a size of {size}")
        }
    })
}

pub fn version(model: &mut Message, random: &mut Random) -> Option<String> {
    if random.below(4) == 0 {
        let version = integer(random);
        model.set(Field::integer(1, version));
        return Some(format!("the format is of version {version}"));
    }
    let set = any(model, random, Kind::OperatorSet)?;
    let version = if random.below(2) == 0 { integer(random) } else { random.below(30) as i64 };
    set.set(Field::integer(2, version));
    if random.below(4) == 0 {
        set.set(Field::text(1, DOMAINS[random.below(DOMAINS.len())]));
    }
    Some(format!("operators of {:?} are of version {version}", set.text(1)))
}

/// A node with the graph, or some of it, as its branch.
pub fn branch(model: &mut Message, random: &mut Random) -> Option<String> {
    let mut graph = any(model, random, Kind::Graph)?.clone();
    let keep = random.below(graph.fields.len() + 1);
    graph.fields.truncate(keep);
    let node = any(model, random, Kind::Node)?;
    let from = node.text(4);
    let operator = ["If", "Loop", "Scan"][random.below(3)];
    node.set(Field::text(4, operator));
    for name in if operator == "If" { &["then_branch", "else_branch"][..] } else { &["body"] } {
        let fields = vec![Field::text(1, name), Field::new(6, Value::Message(graph.clone())), Field::integer(20, 5)];
        node.fields.push(Field::new(5, Value::Message(Message::new(Kind::Attribute, fields))));
    }
    Some(format!("{from} {:?} is {operator} over {keep} fields of the graph", node.text(3)))
}

/// A function of the model's own, which a node calls, and which may call itself.
pub fn function(model: &mut Message, random: &mut Random) -> Option<String> {
    let recursive = random.below(2) == 0;
    let caller = any(model, random, Kind::Node)?;
    let from = caller.text(4);
    let mut inner = caller.clone();
    caller.set(Field::text(4, "Own"));
    caller.set(Field::text(7, "own"));
    if recursive {
        inner = caller.clone();
    }
    let mut fields = vec![Field::text(1, "Own"), Field::text(10, "own")];
    // Inputs are field 4 of a function and outputs field 5, where a node has them in 1 and 2.
    for field in inner.fields.iter().filter(|field| matches!(field.number, 1 | 2)) {
        fields.push(Field::new(field.number + 3, field.value.clone()));
    }
    fields.push(Field::new(7, Value::Message(inner)));
    let sets: Vec<Field> = [("", 17), ("own", 1)]
        .into_iter()
        .map(|(domain, version)| vec![Field::text(1, domain), Field::integer(2, version)])
        .map(|fields| Field::new(9, Value::Message(Message::new(Kind::OperatorSet, fields))))
        .collect();
    let own = sets[1].value.clone();
    fields.extend(sets);
    model.fields.push(Field::new(8, own));
    model.fields.push(Field::new(25, Value::Message(Message::new(Kind::Function, fields))));
    Some(format!("{from} is a function{}", if recursive { " that calls itself" } else { "" }))
}
