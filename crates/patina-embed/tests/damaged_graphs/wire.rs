//! Changes that any protocol buffer can suffer, wherever they fall: of a field's number, kind, length and place.

use super::pick;
use super::support::damage::Random;
use super::tree::{Kind, Message, Value};

/// Every kind of message, so that the few large ones are changed as often as the many small ones.
const KINDS: [Kind; 12] = [
    Kind::Model,
    Kind::OperatorSet,
    Kind::Graph,
    Kind::Node,
    Kind::Attribute,
    Kind::Tensor,
    Kind::Entry,
    Kind::ValueInfo,
    Kind::Type,
    Kind::TensorType,
    Kind::Shape,
    Kind::Dimension,
];

/// Some field of some message.
fn any_field<'model>(model: &'model mut Message, random: &mut Random) -> Option<(&'model mut Message, usize)> {
    let kind = KINDS[random.below(KINDS.len())];
    let message = pick(model, random, &|message| message.kind == kind && !message.fields.is_empty())?;
    let at = random.below(message.fields.len());
    Some((message, at))
}

pub fn number(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let field = &mut message.fields[at];
    let from = field.number;
    field.number = match random.below(4) {
        0 => 0,
        1 => (1 << 29) - 1,
        2 => from + 1,
        _ => random.below(26) as u64 + 1,
    };
    Some(format!("field {from} of a {:?} is {}", message.kind, field.number))
}

pub fn kind(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let field = &mut message.fields[at];
    field.value = match random.below(4) {
        0 => Value::Number(random.next()),
        1 => Value::Fixed(random.next().to_le_bytes().to_vec()),
        2 => Value::Fixed((random.next() as u32).to_le_bytes().to_vec()),
        _ => Value::Content(random.next().to_le_bytes()[..random.below(9)].to_vec()),
    };
    Some(format!("field {} of a {:?} holds {:x?}", field.number, message.kind, field.value))
}

pub fn length(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let field = &mut message.fields[at];
    let real = match &field.value {
        Value::Content(bytes) => bytes.len() as u64,
        Value::Message(inner) => inner.write().len() as u64,
        Value::Number(_) | Value::Fixed(_) => return None,
    };
    let claimed =
        [0, real / 2, real.saturating_sub(1), real + 1, real * 2, 1 << 31, 1 << 40, u64::MAX][random.below(8)];
    field.claimed = Some(claimed);
    Some(format!("field {} of a {:?} has {real} bytes and says {claimed}", field.number, message.kind))
}

pub fn cut(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let field = &mut message.fields[at];
    let mut bytes = match &field.value {
        Value::Content(bytes) => bytes.clone(),
        Value::Message(inner) => inner.write(),
        Value::Number(_) | Value::Fixed(_) => return None,
    };
    let real = bytes.len();
    bytes.truncate(random.below(real + 1));
    let what = format!("field {} of a {:?} is cut from {real} to {} bytes", field.number, message.kind, bytes.len());
    field.value = Value::Content(bytes);
    Some(what)
}

pub fn removal(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let gone = message.fields.remove(at);
    Some(format!("field {} of a {:?} is gone", gone.number, message.kind))
}

pub fn repetition(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let again = message.fields[at].clone();
    let what = format!("field {} of a {:?} is there twice", again.number, message.kind);
    message.fields.insert(random.below(message.fields.len() + 1), again);
    Some(what)
}

/// Fields of one number are in an order (nodes, inputs, dimensions), and two of them change places.
pub fn order(model: &mut Message, random: &mut Random) -> Option<String> {
    let (message, at) = any_field(model, random)?;
    let number = message.fields[at].number;
    let like: Vec<usize> = (0..message.fields.len()).filter(|&other| message.fields[other].number == number).collect();
    let other = like[random.below(like.len())];
    message.fields.swap(at, other);
    (other != at).then(|| format!("fields {number} of a {:?} have changed places, {at} and {other}", message.kind))
}

/// A message takes the place of another of its kind.
pub fn transplant(model: &mut Message, random: &mut Random) -> Option<String> {
    // The first kind is the model, of which there is no other.
    let kind = KINDS[1 + random.below(KINDS.len() - 1)];
    let piece = pick(model, random, &|message| message.kind == kind)?.clone();
    let target = pick(model, random, &|message| message.kind == kind)?;
    *target = piece;
    Some(format!("a {kind:?} is in the place of another"))
}
