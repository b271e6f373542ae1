//! The parts of an ONNX file that quantising looks at, as slices of its bytes.
//!
//! Field numbers of `onnx.proto`: `NodeProto` `input` 1, `output` 2, `name` 3, `op_type` 4, `attribute` 5, `domain` 7;
//! `AttributeProto` `name` 1, `f` 2, `i` 3, `g` 6, `ints` 8, `graphs` 11; `TensorProto` `dims` 1, `data_type` 2,
//! `float_data` 4, `name` 8, `raw_data` 9, `external_data` 13, `data_location` 14; `GraphProto` `node` 1, `initializer` 5,
//! `input` 11, `output` 12.

use crate::onnx::external_data::read_entry;
use crate::onnx::protobuf::{Field, Fields, Value};

/// What a part of the file could not be read as.
pub(super) type Read<T> = std::result::Result<T, String>;

/// `TensorProto.DataType.FLOAT`
pub(super) const FLOAT: u64 = 1;

/// An initializer.
#[derive(Debug, Default)]
pub(super) struct Tensor<'m> {
    pub message: &'m [u8],
    pub name: &'m str,
    pub dims: Vec<u64>,
    pub data_type: u64,
    pub raw_data: Option<&'m [u8]>,
    /// Packed float32 numbers, little-endian as in `raw_data`; several chunks are legal and nobody writes them.
    pub float_data: Vec<&'m [u8]>,
    pub external: Option<External<'m>>,
}

/// Where a tensor lies in a file of its own.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct External<'m> {
    pub location: &'m str,
    pub offset: u64,
    pub length: Option<u64>,
}

/// An operator of the graph.
#[derive(Debug, Default)]
pub(super) struct Node<'m> {
    pub inputs: Vec<&'m str>,
    pub outputs: Vec<&'m str>,
    pub name: &'m str,
    pub operator: &'m str,
    pub domain: &'m str,
    pub attributes: Vec<Attribute<'m>>,
    /// Names that graphs inside this node take from outside, or that they may.
    pub captured: Vec<&'m str>,
}

/// The attributes that matter are numbers.
#[derive(Debug, Default)]
pub(super) struct Attribute<'m> {
    pub name: &'m str,
    pub float: Option<f32>,
    pub integer: Option<u64>,
    pub integers: Vec<u64>,
}

/// Graphs within graphs that are followed; real ones have one or two.
const MOST_NESTED: usize = 32;

fn text<'m>(field: &Field<'m>) -> Read<&'m str> {
    std::str::from_utf8(field.content()).map_err(|_| "it holds a name that is not UTF-8".to_owned())
}

/// Appends a repeated integer field, packed or not.
fn integers(field: &Field, into: &mut Vec<u64>) -> Read<()> {
    match field.value {
        Value::Number(number) => into.push(number),
        Value::Content(packed) => {
            let mut fields = Fields(packed);
            while !fields.0.is_empty() {
                into.push(fields.varint()?);
            }
        }
        Value::Fixed(_) => return Err("it holds an integer of the wrong kind".to_owned()),
    }
    Ok(())
}

impl<'m> Tensor<'m> {
    pub fn read(message: &'m [u8]) -> Read<Self> {
        let mut tensor = Self { message, ..Self::default() };
        let mut external = External::default();
        let mut elsewhere = false;
        for field in Fields(message) {
            let field = field?;
            match (field.number, field.value) {
                (1, _) => integers(&field, &mut tensor.dims)?,
                (2, Value::Number(number)) => tensor.data_type = number,
                (4, Value::Content(packed)) => tensor.float_data.push(packed),
                // Numbers one by one, which no exporter writes: a second chunk makes the tensor stay as it is.
                (4, Value::Fixed(number)) => tensor.float_data.push(number),
                (8, _) => tensor.name = text(&field)?,
                (9, _) => tensor.raw_data = Some(field.content()),
                (13, _) => external.read(field.content())?,
                (14, Value::Number(location)) => elsewhere = location == 1,
                _ => {}
            }
        }
        tensor.external = elsewhere.then_some(external);
        Ok(tensor)
    }

    /// How many numbers its shape says it has.
    pub fn count(&self) -> Option<u64> {
        self.dims.iter().try_fold(1_u64, |count, &size| count.checked_mul(size))
    }
}

impl<'m> External<'m> {
    fn read(&mut self, entry: &'m [u8]) -> Read<()> {
        let (key, value) = read_entry(entry)?;
        let number = || value.parse().map_err(|_| format!("the {key} of its external data is {value:?}, no number"));
        match key {
            "location" => self.location = value,
            "offset" => self.offset = number()?,
            "length" => self.length = Some(number()?),
            _ => {}
        }
        Ok(())
    }
}

impl<'m> Node<'m> {
    pub fn read(message: &'m [u8]) -> Read<Self> {
        let mut node = Self::default();
        for field in Fields(message) {
            let field = field?;
            match field.number {
                1 => node.inputs.push(text(&field)?),
                2 => node.outputs.push(text(&field)?),
                3 => node.name = text(&field)?,
                4 => node.operator = text(&field)?,
                5 => {
                    node.attributes.push(Attribute::read(field.content())?);
                    capture(field.content(), 0, &mut node.captured)?;
                }
                7 => node.domain = text(&field)?,
                _ => {}
            }
        }
        Ok(node)
    }

    pub fn is(&self, operator: &str) -> bool {
        self.operator == operator && matches!(self.domain, "" | "ai.onnx")
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute<'m>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl<'m> Attribute<'m> {
    fn read(message: &'m [u8]) -> Read<Self> {
        let mut attribute = Self::default();
        for field in Fields(message) {
            let field = field?;
            match (field.number, field.value) {
                (1, _) => attribute.name = text(&field)?,
                (2, Value::Fixed(bytes)) => attribute.float = bytes.try_into().ok().map(f32::from_le_bytes),
                (3, Value::Number(number)) => attribute.integer = Some(number),
                (8, _) => integers(&field, &mut attribute.integers)?,
                _ => {}
            }
        }
        Ok(attribute)
    }
}

/// Adds every name that nodes inside an attribute's graphs read.
fn capture<'m>(attribute: &'m [u8], depth: usize, names: &mut Vec<&'m str>) -> Read<()> {
    if depth > MOST_NESTED {
        return Err("its graphs are nested without end".to_owned());
    }
    for field in Fields(attribute) {
        let graph = field?;
        if !matches!(graph.number, 6 | 11) {
            continue;
        }
        for field in Fields(graph.content()) {
            let field = field?;
            if field.number == 12 {
                names.push(value_name(field.content())?);
            }
            if field.number != 1 {
                continue;
            }
            for part in Fields(field.content()) {
                let part = part?;
                match part.number {
                    1 => names.push(text(&part)?),
                    5 => capture(part.content(), depth + 1, names)?,
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// The name of a `ValueInfoProto`.
pub(super) fn value_name(message: &[u8]) -> Read<&str> {
    let mut name = "";
    for field in Fields(message) {
        let field = field?;
        if field.number == 1 {
            name = text(&field)?;
        }
    }
    Ok(name)
}
