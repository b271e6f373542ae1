//! Protocol buffers as they lie in a file, read field by field without a copy and without a schema.

/// Why bytes are no message.
pub(super) type Defect = &'static str;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'bytes> {
    /// A number of variable length.
    Number(u64),
    /// Text, bytes or a message.
    Bytes(&'bytes [u8]),
    /// A number of four or eight bytes, which nothing here needs.
    Fixed,
}

/// The fields of a message: number and content.
pub(super) struct Fields<'bytes>(pub &'bytes [u8]);

impl<'bytes> Fields<'bytes> {
    fn varint(&mut self) -> Result<u64, Defect> {
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

    fn take(&mut self, length: u64) -> Result<&'bytes [u8], Defect> {
        let length = usize::try_from(length).map_err(|_| "it holds a field longer than memory")?;
        if length > self.0.len() {
            return Err("it ends within a field");
        }
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<(u64, Content<'bytes>), Defect> {
        let key = self.varint()?;
        let content = match key & 7 {
            0 => Content::Number(self.varint()?),
            1 => self.take(8).map(|_| Content::Fixed)?,
            2 => {
                let length = self.varint()?;
                Content::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Content::Fixed)?,
            _ => return Err("it holds a field of an unknown kind"),
        };
        Ok((key >> 3, content))
    }
}

impl<'bytes> Iterator for Fields<'bytes> {
    type Item = Result<(u64, Content<'bytes>), Defect>;

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
