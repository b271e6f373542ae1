//! Protocol buffers at wire level: a message's fields as they stand in the bytes, and writing new ones. What a reader
//! does not understand it can carry over byte for byte, which a parsed and written message does not promise.

/// Why bytes are no message.
pub(super) type Defect = &'static str;

type Read<T> = std::result::Result<T, Defect>;

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'bytes> {
    /// Its number in the schema.
    pub number: u64,
    /// What it holds.
    pub value: Value<'bytes>,
    /// The field as it stands in the message, key included.
    pub raw: &'bytes [u8],
}

/// What a field holds, by its kind on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'bytes> {
    /// An integer.
    Number(u64),
    /// A number of 4 or 8 bytes, little-endian.
    Fixed(&'bytes [u8]),
    /// A string, a message, or packed numbers.
    Content(&'bytes [u8]),
}

impl<'bytes> Field<'bytes> {
    /// The content of a field that has a length; empty for the others.
    pub fn content(&self) -> &'bytes [u8] {
        if let Value::Content(content) = self.value { content } else { &[] }
    }
}

/// The fields of a message, one after the other. After a defect there are no more.
pub(super) struct Fields<'bytes>(pub &'bytes [u8]);

impl<'bytes> Fields<'bytes> {
    /// Reads an integer at the front.
    pub fn varint(&mut self) -> Read<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or("it ends within a number")?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("it holds a number of more than 64 bits")
    }

    fn take(&mut self, length: u64) -> Read<&'bytes [u8]> {
        let length = usize::try_from(length).map_err(|_| "it holds a field longer than memory")?;
        if length > self.0.len() {
            return Err("it ends within a field");
        }
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Read<Field<'bytes>> {
        let before = self.0;
        let key = self.varint()?;
        if key > u64::from(u32::MAX) {
            // Readers that take 32 bits of it would see another field than this one does.
            return Err("it holds a field of a number that no schema has");
        }
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Fixed(self.take(8)?),
            2 => {
                let length = self.varint()?;
                Value::Content(self.take(length)?)
            }
            5 => Value::Fixed(self.take(4)?),
            _ => return Err("it holds a field of an unknown kind"),
        };
        Ok(Field { number: key >> 3, value, raw: &before[..before.len() - self.0.len()] })
    }
}

impl<'bytes> Iterator for Fields<'bytes> {
    type Item = Read<Field<'bytes>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            // After a defect the next byte means nothing.
            self.0 = &[];
        }
        Some(field)
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes an integer field.
pub(super) fn put_number(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number << 3);
    put_varint(out, value);
}

/// Writes the beginning of a field whose `length` bytes of content follow.
pub(super) fn put_header(out: &mut Vec<u8>, number: u64, length: u64) {
    put_varint(out, number << 3 | 2);
    put_varint(out, length);
}

/// Writes a string, or a message that is in memory.
pub(super) fn put_content(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    put_header(out, number, content.len() as u64);
    out.extend_from_slice(content);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number in 1_u64..1 << 29, value: u64, content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number, value);
            put_content(&mut bytes, number, &content);
            let fields: Vec<Field> = Fields(&bytes).collect::<std::result::Result<_, _>>().unwrap();
            prop_assert_eq!(fields.len(), 2);
            prop_assert!(matches!(fields[0].value, Value::Number(read) if read == value));
            prop_assert_eq!(fields[1].content(), &content[..]);
            prop_assert_eq!(fields.iter().map(|field| field.number).collect::<Vec<_>>(), vec![number; 2]);
            let raw: Vec<u8> = fields.iter().flat_map(|field| field.raw).copied().collect();
            prop_assert_eq!(raw, bytes);
        }
    }
}
