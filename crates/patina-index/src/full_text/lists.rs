//! In which rows a term is, how often, and where: as bytes, in the file and on the way there.
//!
//! A row's posting is a number that holds the distance from the row before and two flags, then the counts that the flags speak
//! of: most terms of a passage are once in its body and not in its heading, which takes that one number. The places in the body
//! stand apart, as nothing but phrases asks for them.

/// A term in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub row: u32,
    /// How often it is in the heading.
    pub heading: u32,
    /// How often it is in the body.
    pub body: u32,
}

const HAS_HEADING: u64 = 1;
const IS_NOT_ONCE: u64 = 2;
const FLAGS: u32 = 2;

/// A term's list, growing by ascending rows.
#[derive(Default)]
pub(super) struct List {
    pub rows: u32,
    pub postings: Vec<u8>,
    pub places: Vec<u8>,
    last_row: u32,
}

impl List {
    pub fn clear(&mut self) {
        self.rows = 0;
        self.last_row = 0;
        self.postings.clear();
        self.places.clear();
    }

    /// Adds a posting, whose places have been added or will be; says how many bytes that took.
    pub fn push(&mut self, Posting { row, heading, body }: Posting) -> usize {
        let before = self.postings.len();
        let flags = if heading > 0 { HAS_HEADING } else { 0 } | if body == 1 { 0 } else { IS_NOT_ONCE };
        write_number(&mut self.postings, u64::from(row - self.last_row) << FLAGS | flags);
        if heading > 0 {
            write_number(&mut self.postings, heading.into());
        }
        if body != 1 {
            write_number(&mut self.postings, body.into());
        }
        self.last_row = row;
        self.rows += 1;
        self.postings.len() - before
    }

    /// Adds a place of the body, by its distance from the row's place before; says how many bytes that took.
    pub fn add_place(&mut self, distance: u32) -> usize {
        let before = self.places.len();
        write_number(&mut self.places, distance.into());
        self.places.len() - before
    }
}

/// Reads a list's postings. Bytes that are none end it early.
pub(super) struct Postings<'a> {
    bytes: &'a [u8],
    row: u32,
}

impl<'a> Postings<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, row: 0 }
    }
}

impl Iterator for Postings<'_> {
    type Item = Posting;

    #[inline]
    fn next(&mut self) -> Option<Posting> {
        let head = read_number(&mut self.bytes)?;
        self.row = self.row.wrapping_add((head >> FLAGS) as u32);
        let heading = if head & HAS_HEADING == 0 { 0 } else { read_number(&mut self.bytes)? as u32 };
        let body = if head & IS_NOT_ONCE == 0 { 1 } else { read_number(&mut self.bytes)? as u32 };
        Some(Posting { row: self.row, heading, body })
    }
}

/// Takes the bytes of so many places off the front.
pub(super) fn take_places<'a>(bytes: &mut &'a [u8], count: u32) -> &'a [u8] {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte < CONTINUES).map(|(at, _)| at + 1);
    let end = if count == 0 { 0 } else { ends.nth(count as usize - 1).unwrap_or(bytes.len()) };
    let (taken, rest) = bytes.split_at(end);
    *bytes = rest;
    taken
}

/// The places that [`take_places`] took, ascending.
pub(super) fn places(mut bytes: &[u8]) -> impl Iterator<Item = u32> {
    let mut place = 0_u32;
    std::iter::from_fn(move || {
        place = place.wrapping_add(read_number(&mut bytes)? as u32);
        Some(place)
    })
}

const CONTINUES: u8 = 0x80;

/// LEB128: seven bits a byte, the lowest first, the highest bit set in all but the last.
fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= u64::from(CONTINUES) {
        bytes.push(number as u8 | CONTINUES);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[inline]
fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & !CONTINUES).checked_shl(shift)?;
        if byte < CONTINUES {
            return Some(number);
        }
        shift += 7;
    }
}
