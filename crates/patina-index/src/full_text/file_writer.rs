//! Writes what [`file`](super::file) reads.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use super::file::{Entry, Head, checksum};
use super::lists::List;
use crate::error::{Error, Result};

/// Bytes that are written at once.
const BLOCK: usize = 1 << 20;

/// A file on its way: the lists, then the table, then the head.
pub(super) struct FileWriter<'a> {
    file: BufWriter<File>,
    path: &'a Path,
    at: u64,
    entries: Vec<u8>,
    names: Vec<u8>,
}

impl<'a> FileWriter<'a> {
    pub fn new(file: File, path: &'a Path) -> Result<Self> {
        let mut out =
            Self { file: BufWriter::with_capacity(BLOCK, file), path, at: 0, entries: Vec::new(), names: Vec::new() };
        out.bytes(&[0; Head::BYTES])?;
        Ok(out)
    }

    /// Writes a term's lists; terms ascend. An empty one is no term.
    pub fn list(&mut self, name: &[u8], list: &List) -> Result<()> {
        if list.rows == 0 {
            return Ok(());
        }
        self.names.extend_from_slice(name);
        let fits = |bytes: usize| {
            u32::try_from(bytes).map_err(|_| {
                Error::new(format!(
                    "{}: the names and each list of an index end at 4 GiB, here are {bytes} bytes",
                    self.path.display()
                ))
            })
        };
        let entry = Entry {
            name_end: fits(self.names.len())?,
            passages: list.rows,
            start: self.at,
            postings: fits(list.postings.len())?,
            places: fits(list.places.len())?,
            postings_sum: checksum(&[&list.postings]),
            places_sum: checksum(&[&list.places]),
        };
        self.entries.extend_from_slice(&entry.encode());
        self.bytes(&list.postings)?;
        self.bytes(&list.places)
    }

    /// Writes the table and the head, down to the disk where that is asked for. `lengths` has for each row the number of its words and 1, or 0.
    pub fn finish(mut self, lengths: &[u32], durably: bool) -> Result<()> {
        let mut table: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        table.extend_from_slice(&self.entries);
        table.extend_from_slice(&self.names);
        let passages = lengths.iter().filter(|&&length| length > 0);
        let head = Head {
            rows: lengths.len() as u64,
            passages: passages.clone().count() as u64,
            words: passages.map(|&length| u64::from(length) - 1).sum(),
            terms: (self.entries.len() / Entry::BYTES) as u64,
            name_bytes: self.names.len() as u64,
            table: self.at,
        };
        self.bytes(&table)?;
        let failed = |error: &std::io::Error| Error::io(self.path, "write", error);
        self.file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        self.file.write_all(&head.encode(&table)).map_err(|error| failed(&error))?;
        let file = self.file.into_inner().map_err(|error| failed(error.error()))?;
        if durably { file.sync_all().map_err(|error| failed(&error)) } else { Ok(()) }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Error::io(self.path, "write", &error))
    }
}
