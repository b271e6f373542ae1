//! Changes of the settings of operators.

use super::support::damage::Random;
use super::tree::{Field, Kind, Message, Value};
use super::{any, integer};

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
