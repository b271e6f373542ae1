//! Changes of what a tensor says of its numbers, and of the numbers: they no longer fit one another.

use super::support::damage::Random;
use super::tree::{Field, Kind, Message, Value};
use super::{integer, pick};

/// Where tensors have been said to lie: in the data file of the model, in the graph itself, in memory (a word of ONNX
/// Runtime's own, for which an offset is an address), nowhere, and outside.
const LOCATIONS: [&str; 12] = [
    "model.onnx_data",
    "model.onnx",
    "model_int8.onnx",
    "*/_ORT_MEM_ADDR_/*",
    "",
    ".",
    "..",
    "../model.onnx",
    "/etc/passwd",
    "/dev/zero",
    "no-such-file",
    "a\0b",
];

const PLACES: [&str; 12] =
    ["0", "1", "3", "64", "-1", "4096", "4294967296", "9223372036854775807", "18446744073709551615", "1e3", "", "0x10"];

/// Keys of `external_data`; the last is of ONNX Runtime's own (`MatMul+HASH|OFFSET;LENGTH;CHECKSUM`).
const ENTRIES: [&str; 6] = ["location", "offset", "length", "checksum", "basepath", "prepacked_0"];

/// Of `TensorProto`: the fields that hold numbers (`float_data` to `uint64_data`, `raw_data`).
const NUMBERS: [u64; 7] = [4, 5, 6, 7, 9, 10, 11];

/// Some tensor: half of the time a small one, since shapes, axes and scales are.
fn any_tensor<'model>(model: &'model mut Message, random: &mut Random) -> Option<&'model mut Message> {
    let small = random.below(2) == 0;
    pick(model, random, &|message| {
        let is_small =
            || message.fields.iter().all(|field| !matches!(&field.value, Value::Content(bytes) if bytes.len() > 64));
        message.kind == Kind::Tensor && (!small || is_small())
    })
}

pub fn data_type(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = any_tensor(model, random)?;
    let kind = if random.below(8) == 0 { integer(random) } else { random.below(27) as i64 };
    tensor.set(Field::integer(2, kind));
    Some(format!("tensor {:?} has data type {kind}", tensor.text(8)))
}

pub fn dimensions(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = any_tensor(model, random)?;
    let mut sizes: Vec<u64> = Vec::new();
    for field in tensor.fields.iter().filter(|field| field.number == 1) {
        if let Value::Number(size) = field.value {
            sizes.push(size);
        }
    }
    let at = random.below(sizes.len() + 1);
    match random.below(4) {
        0 => sizes.insert(at, integer(random) as u64),
        1 if at < sizes.len() => drop(sizes.remove(at)),
        2 => sizes.reverse(),
        _ if at < sizes.len() => sizes[at] = integer(random) as u64,
        _ => sizes.push(1),
    }
    tensor.fields.retain(|field| field.number != 1);
    tensor.fields.extend(sizes.iter().map(|&size| Field::new(1, Value::Number(size))));
    let signed: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
    Some(format!("tensor {:?} has dimensions {signed:?}", tensor.text(8)))
}

pub fn numbers(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = any_tensor(model, random)?;
    let name = tensor.text(8);
    let raw = raw_mut(tensor)?;
    let real = raw.len();
    match random.below(7) {
        0 => raw.clear(),
        1 => raw.truncate(real / 2),
        2 => drop(raw.pop()),
        3 => raw.push(0),
        4 => raw.extend_from_within(..),
        5 => raw.iter_mut().for_each(|byte| *byte = random.next() as u8),
        _ => raw.fill([0, 0x7f, 0x80, 0xff][random.below(4)]),
    }
    Some(format!("tensor {name:?} has {} bytes of numbers instead of {real}, or others", raw.len()))
}

/// The numbers are said to be in another field than the one for them, or in two.
pub fn numbers_elsewhere(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = any_tensor(model, random)?;
    let (from, to) = (NUMBERS[random.below(NUMBERS.len())], NUMBERS[random.below(NUMBERS.len())]);
    if random.below(2) == 0 {
        tensor.fields.push(Field::new(to, Value::Content(vec![1; random.below(40)])));
        return Some(format!("tensor {:?} has numbers in field {to} as well", tensor.text(8)));
    }
    let name = tensor.text(8);
    let field = tensor.fields.iter_mut().find(|field| NUMBERS.contains(&field.number))?;
    (field.number != to).then(|| {
        field.number = to;
        format!("tensor {name:?} has its numbers in field {to} instead of {from}")
    })
}

/// One more entry of `external_data`, or another value of one: of a tensor that has some, where there is such a one.
pub fn place(model: &mut Message, random: &mut Random) -> Option<String> {
    let outside =
        |message: &Message| message.kind == Kind::Tensor && message.fields.iter().any(|field| field.number == 13);
    let tensor = if model.count(&outside) > 0 { pick(model, random, &outside) } else { any_tensor(model, random) }?;
    let key = ENTRIES[random.below(ENTRIES.len())];
    let value = match key {
        "location" => LOCATIONS[random.below(LOCATIONS.len())],
        "offset" | "length" => PLACES[random.below(PLACES.len())],
        "prepacked_0" => ["MatMul+6588779418385272200|0;64;0", "MatMul+1|3;64;0", "|", ""][random.below(4)],
        _ => "x",
    };
    let entry = Message::new(Kind::Entry, vec![Field::text(1, key), Field::text(2, value)]);
    let is_same =
        |field: &Field| matches!(&field.value, Value::Message(other) if field.number == 13 && other.text(1) == key);
    let again = random.below(4) == 0;
    tensor.fields.retain(|field| again || !is_same(field));
    tensor.fields.push(Field::new(13, Value::Message(entry)));
    Some(format!("tensor {:?} has {key} {value:?}", tensor.text(8)))
}

/// A tensor of the graph is said to lie in a file, or one in a file is said to lie in the graph.
pub fn placement(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = any_tensor(model, random)?;
    let outside = tensor.fields.iter().any(|field| field.number == 13);
    tensor.set(Field::integer(14, i64::from(!outside)));
    if !outside {
        let location = LOCATIONS[random.below(LOCATIONS.len())];
        let entry = Message::new(Kind::Entry, vec![Field::text(1, "location"), Field::text(2, location)]);
        tensor.set(Field::new(13, Value::Message(entry)));
        if random.below(2) == 0 {
            tensor.fields.retain(|field| !NUMBERS.contains(&field.number));
        }
        return Some(format!("tensor {:?} lies in {location:?}", tensor.text(8)));
    }
    Some(format!("tensor {:?} lies in the graph", tensor.text(8)))
}

/// One of the integers that a shape, an axis, a start or an index is kept in.
pub fn integer_within(model: &mut Message, random: &mut Random) -> Option<String> {
    let is_int64 = |field: &Field| matches!(field.value, Value::Number(7)) && field.number == 2;
    let tensor = pick(model, random, &|message| {
        message.kind == Kind::Tensor
            && message.fields.iter().any(is_int64)
            && raw(message).is_some_and(|raw| raw.len() >= 8)
    })?;
    let name = tensor.text(8);
    let value = integer(random);
    let raw = raw_mut(tensor)?;
    let at = random.below(raw.len() / 8);
    raw[at * 8..at * 8 + 8].copy_from_slice(&value.to_le_bytes());
    Some(format!("tensor {name:?} has {value} at {at}"))
}

/// Another size, with as many numbers as it wants: readers find nothing wrong, what computes with it may.
pub fn size(model: &mut Message, random: &mut Random) -> Option<String> {
    let tensor = pick(model, random, &|message| message.kind == Kind::Tensor && raw(message).is_some())?;
    let name = tensor.text(8);
    let length = raw(tensor)?.len();
    let count = tensor.fields.iter().filter(|field| field.number == 1).count();
    let axis = random.below(count.max(1));
    let size = tensor.fields.iter_mut().filter(|field| field.number == 1).nth(axis)?;
    let Value::Number(real) = size.value else { return None };
    let wanted = [0, 1, real + 1, real * 2, real.saturating_sub(1), real / 2][random.below(6)];
    size.value = Value::Number(wanted);
    let length = length / (real.max(1) as usize) * wanted as usize;
    raw_mut(tensor)?.resize(length, 1);
    Some(format!("axis {axis} of tensor {name:?} has {wanted} instead of {real}, and so have its numbers"))
}

fn raw(tensor: &Message) -> Option<&[u8]> {
    tensor.fields.iter().find_map(|field| match &field.value {
        Value::Content(bytes) if field.number == 9 => Some(bytes.as_slice()),
        _ => None,
    })
}

fn raw_mut(tensor: &mut Message) -> Option<&mut Vec<u8>> {
    tensor.fields.iter_mut().find_map(|field| match &mut field.value {
        Value::Content(bytes) if field.number == 9 => Some(bytes),
        _ => None,
    })
}
