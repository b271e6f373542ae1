//! The file of an index, mapped into memory.
//!
//! ```text
//! magic, format, words version, rows, passages, words, terms, bytes of names, where the table begins, checksum of all this
//! for each term: its postings, the places after them
//! the table: for each row its length and 1, or 0 where it has no passage; for each term its entry; the terms' names
//! ```
//!
//! All numbers are little-endian, terms ascend by their bytes. The head and the table are held against their checksum when the
//! file is opened, a term's lists when they are read: a search reads a few of them and should not pay for all.

use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::WORDS_VERSION;
use crate::disk;
use crate::error::{Error, Result};

const MAGIC: [u8; 8] = *b"PATWORDS";
const FORMAT: u32 = 1;
const LENGTH: usize = size_of::<u32>();

/// What the file begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Rows that the index speaks of, those without a passage among them.
    pub rows: u64,
    pub passages: u64,
    /// Words of all passages.
    pub words: u64,
    pub terms: u64,
    pub name_bytes: u64,
    pub table: u64,
}

impl Head {
    pub const BYTES: usize = 72;

    pub fn encode(&self, table: &[u8]) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[12..16].copy_from_slice(&WORDS_VERSION.to_le_bytes());
        let numbers = [self.rows, self.passages, self.words, self.terms, self.name_bytes, self.table];
        for (place, number) in bytes[16..64].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        let sum = checksum(&[&bytes[..64], table]);
        bytes[64..68].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// The head, if the bytes are of an index that is all there and that this version reads.
    fn decode(file: &[u8], path: &Path) -> Result<(Self, u32)> {
        let Some(bytes) = file.get(..Self::BYTES) else {
            return Err(Error::damaged(path, format!("its {} bytes are no index", file.len())));
        };
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let small = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        if bytes[..8] != MAGIC {
            return Err(Error::damaged(path, "it is no index of words"));
        }
        if (small(8), small(12)) != (FORMAT, WORDS_VERSION) {
            let (format, words) = (small(8), small(12));
            let due = format!("format {FORMAT} and version {WORDS_VERSION} of what a word is are read here");
            return Err(Error::incompatible(path, format!("it has format {format} and version {words}, {due}")));
        }
        let head = Self {
            rows: number(16),
            passages: number(24),
            words: number(32),
            terms: number(40),
            name_bytes: number(48),
            table: number(56),
        };
        let due = head
            .rows
            .checked_mul(LENGTH as u64)
            .zip(head.terms.checked_mul(Entry::BYTES as u64))
            .and_then(|(lengths, entries)| lengths.checked_add(entries)?.checked_add(head.name_bytes))
            .and_then(|table| table.checked_add(head.table));
        if due != Some(file.len() as u64) {
            let bytes = file.len();
            return Err(Error::damaged(path, format!("it has {bytes} bytes, which is not what its beginning says")));
        }
        // The numbers are within the file's size by now.
        if checksum(&[&bytes[..64], &file[head.table as usize..]]) != small(64) {
            return Err(Error::damaged(path, "its table does not fit its checksum"));
        }
        Ok((head, small(64)))
    }
}

/// Where a term's lists are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its name ends among the names; it begins where the one before ends.
    pub name_end: u32,
    /// Passages with the term.
    pub passages: u32,
    /// Where its lists begin in the file.
    pub start: u64,
    pub postings: u32,
    pub places: u32,
    pub postings_sum: u32,
    pub places_sum: u32,
}

impl Entry {
    pub const BYTES: usize = 32;

    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..4].copy_from_slice(&self.name_end.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.passages.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.start.to_le_bytes());
        let numbers = [self.postings, self.places, self.postings_sum, self.places_sum];
        for (place, number) in bytes[16..].chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Self {
        let small = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        Self {
            name_end: small(0),
            passages: small(4),
            start: u64::from(small(8)) | u64::from(small(12)) << 32,
            postings: small(16),
            places: small(20),
            postings_sum: small(24),
            places_sum: small(28),
        }
    }
}

/// What tells damage.
pub(super) fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

/// The file of an index, open for reading.
pub(super) struct IndexFile {
    path: PathBuf,
    map: Mmap,
    head: Head,
    sum: u32,
}

impl IndexFile {
    /// Maps the file, which must not change while it is open, and checks its table.
    pub fn open(path: &Path) -> Result<Self> {
        let map = disk::map(&disk::open(path)?, path)?;
        let (head, sum) = Head::decode(&map, path)?;
        Ok(Self { path: path.to_owned(), map, head, sum })
    }

    /// The checksum of head and table, among which are those of all lists.
    pub fn sum(&self) -> u32 {
        self.sum
    }

    pub fn head(&self) -> Head {
        self.head
    }

    /// For each row its length and 1, or 0; as bytes, since they need not be aligned.
    pub fn lengths(&self) -> &[u8] {
        &self.map[self.head.table as usize..][..self.head.rows as usize * LENGTH]
    }

    /// The number in a row of [`lengths`](Self::lengths); none where there is no such row.
    #[inline]
    pub fn length(lengths: &[u8], row: u32) -> Option<u32> {
        let bytes = lengths.get(row as usize * LENGTH..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    pub fn entry(&self, term: usize) -> Entry {
        let entries = self.head.table as usize + self.head.rows as usize * LENGTH;
        Entry::decode(&self.map[entries + term * Entry::BYTES..][..Entry::BYTES])
    }

    pub fn name(&self, term: usize) -> Result<&[u8]> {
        let start = if term == 0 { 0 } else { self.entry(term - 1).name_end };
        let names = &self.map[self.map.len() - self.head.name_bytes as usize..];
        names.get(start as usize..self.entry(term).name_end as usize).ok_or_else(|| self.damaged(term, "name"))
    }

    /// The entry of a term; none where no passage has it.
    pub fn find(&self, term: &[u8]) -> Result<Option<usize>> {
        let (mut low, mut high) = (0, self.head.terms as usize);
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle)?.cmp(term) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }

    /// The bytes of a term's postings, held against their checksum.
    pub fn postings(&self, term: usize) -> Result<&[u8]> {
        let Entry { start, postings, postings_sum, .. } = self.entry(term);
        self.checked(term, start, postings, postings_sum)
    }

    /// The bytes of a term's places, held against their checksum.
    pub fn places(&self, term: usize) -> Result<&[u8]> {
        let Entry { start, postings, places, places_sum, .. } = self.entry(term);
        self.checked(term, start.saturating_add(postings.into()), places, places_sum)
    }

    pub fn damaged(&self, term: usize, what: &str) -> Error {
        Error::damaged(&self.path, format!("the {what} of its word {term} is not what was written"))
    }

    fn checked(&self, term: usize, start: u64, count: u32, sum: u32) -> Result<&[u8]> {
        let bytes = self.map.get(start as usize..).and_then(|bytes| bytes.get(..count as usize));
        bytes.filter(|bytes| checksum(&[bytes]) == sum).ok_or_else(|| self.damaged(term, "list"))
    }
}
