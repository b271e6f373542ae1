//! An ONNX file as a tree of its messages, which can be changed anywhere and written again. Lengths are made new when it is
//! written, so that what encloses a changed message stays right, unless a field is told to lie about its own.

#[allow(dead_code, reason = "the engine's reader and writer, of which a test uses its part")]
#[path = "../../src/onnx/protobuf.rs"]
mod protobuf;

use protobuf::{Fields, Value as Read, put_content, put_header, put_number};

/// The messages of `onnx.proto` that are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Model,
    OperatorSet,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    /// Key and value, as of `external_data`.
    Entry,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
}

impl Kind {
    fn inner(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Model, 8) | (Self::Function, 9) => Self::OperatorSet,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::Tensor, 13) => Self::Entry,
            (Self::ValueInfo, 2) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Shape, 1) => Self::Dimension,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone)]
pub struct Message {
    pub kind: Kind,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub number: u64,
    pub value: Value,
    /// What its length is said to be, where that is not what it is.
    pub claimed: Option<u64>,
}

#[derive(Debug, Clone)]
pub enum Value {
    Number(u64),
    /// 4 or 8 bytes.
    Fixed(Vec<u8>),
    Content(Vec<u8>),
    Message(Message),
}

impl Field {
    pub fn new(number: u64, value: Value) -> Self {
        Self { number, value, claimed: None }
    }

    pub fn text(number: u64, text: &str) -> Self {
        Self::new(number, Value::Content(text.as_bytes().to_vec()))
    }

    pub fn integer(number: u64, value: i64) -> Self {
        Self::new(number, Value::Number(value as u64))
    }

    fn write(&self, out: &mut Vec<u8>) {
        let content = match &self.value {
            Value::Number(value) => return put_number(out, self.number, *value),
            Value::Fixed(bytes) => {
                // A key is written as an integer field's is; the wire kinds are 1 for 8 bytes and 5 for 4.
                let at = out.len();
                put_number(out, self.number, 0);
                out.pop();
                out[at] |= if bytes.len() == 8 { 1 } else { 5 };
                return out.extend_from_slice(bytes);
            }
            Value::Content(bytes) => bytes,
            Value::Message(message) => &message.write(),
        };
        match self.claimed {
            None => put_content(out, self.number, content),
            Some(length) => {
                put_header(out, self.number, length);
                out.extend_from_slice(content);
            }
        }
    }
}

impl Message {
    pub fn new(kind: Kind, fields: Vec<Field>) -> Self {
        Self { kind, fields }
    }

    /// Reads a whole, undamaged message.
    pub fn read(kind: Kind, bytes: &[u8]) -> Self {
        let field = |field: protobuf::Field| {
            let value = match (field.value, kind.inner(field.number)) {
                (Read::Number(value), _) => Value::Number(value),
                (Read::Fixed(bytes), _) => Value::Fixed(bytes.to_vec()),
                (Read::Content(content), Some(inner)) => Value::Message(Self::read(inner, content)),
                (Read::Content(content), None) => Value::Content(content.to_vec()),
            };
            Field::new(field.number, value)
        };
        Self::new(kind, Fields(bytes).map(|read| field(read.unwrap())).collect())
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.fields.iter().for_each(|field| field.write(&mut out));
        out
    }

    /// How many messages for which `wanted` holds there are, this one and those inside it.
    pub fn count(&self, wanted: &dyn Fn(&Self) -> bool) -> usize {
        let inside = self.fields.iter().map(|field| match &field.value {
            Value::Message(message) => message.count(wanted),
            _ => 0,
        });
        usize::from(wanted(self)) + inside.sum::<usize>()
    }

    /// The message for which `wanted` holds after as many as `skipped` others.
    pub fn nth(&mut self, wanted: &dyn Fn(&Self) -> bool, skipped: &mut usize) -> Option<&mut Self> {
        if wanted(self) {
            if *skipped == 0 {
                return Some(self);
            }
            *skipped -= 1;
        }
        self.fields.iter_mut().find_map(|field| match &mut field.value {
            Value::Message(message) => message.nth(wanted, skipped),
            _ => None,
        })
    }

    /// The text of the first field of this number; empty where there is none.
    pub fn text(&self, number: u64) -> String {
        self.fields
            .iter()
            .find_map(|field| match &field.value {
                Value::Content(bytes) if field.number == number => Some(String::from_utf8_lossy(bytes).into_owned()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Takes all fields of this number away and puts one in their place.
    pub fn set(&mut self, field: Field) {
        self.fields.retain(|other| other.number != field.number);
        self.fields.push(field);
    }
}
