//! A new file: an index that there is, less some rows, and passages that are added.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::collect::Collected;
use super::file::IndexFile;
use super::file_writer::FileWriter;
use super::lists::{List, Postings, take_places};
use crate::disk::write_new;
use crate::error::{Error, Result};

/// Bytes of new passages' words that are kept in memory before they are written out.
const MOST_IN_MEMORY: usize = 256 << 20;

/// Writes the file of an index: passages that are added one by one, and those of an index that there is already, but for rows
/// that are not what they were.
///
/// The file is the same whichever way its passages came together. Whatever ends the writer early leaves no file at `path`.
pub struct FullTextWriter {
    path: PathBuf,
    base: Option<IndexFile>,
    /// A byte a row of the base: 1 where its passage is not taken over.
    removed: Vec<u8>,
    added: Collected,
    last_row: Option<u32>,
    most_in_memory: usize,
    /// How often memory was not enough.
    spills: usize,
    /// The file that holds what memory did not, gone with the writer.
    spilled: Option<PathBuf>,
}

impl FullTextWriter {
    /// Begins a new index. With `base` it holds the passages of that index but for the rows of `removed`; every row that is
    /// added is one of these or not in the base.
    ///
    /// # Errors
    /// `Integrity` naming the base where it is damaged, `Incompatible` where another version wrote it, `Io`.
    pub fn new(path: &Path, base: Option<&Path>, removed: &[u32]) -> Result<Self> {
        let base = base.map(IndexFile::open).transpose()?;
        let rows = base.as_ref().map_or(0, |base| base.head().rows as usize);
        let mut gone = vec![0; rows];
        for &row in removed {
            if let Some(mark) = gone.get_mut(row as usize) {
                *mark = 1;
            }
        }
        let path = path.to_owned();
        Ok(Self {
            path,
            base,
            removed: gone,
            added: Collected::default(),
            last_row: None,
            most_in_memory: MOST_IN_MEMORY,
            spills: 0,
            spilled: None,
        })
    }

    /// Keeps at most so many bytes of new passages' words in memory, nearly, instead of 256 MiB.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.most_in_memory = bytes;
        self
    }

    /// Adds a passage: a word of its heading counts for more than one of its body. Rows ascend from call to call.
    ///
    /// # Errors
    /// `InvalidInput` for a row that does not ascend or that the base has and nobody removed, `Io` where lists have to go to the
    /// disk and cannot.
    pub fn add(&mut self, row: u32, heading: &str, body: &str) -> Result<()> {
        if self.last_row.is_some_and(|last| last >= row) {
            return Err(Error::new(format!(
                "row {row} came after a row as high: passages are added by ascending rows"
            )));
        }
        if self.has(row) {
            return Err(Error::new(format!("row {row} has a passage: it is to be removed before another is added")));
        }
        self.added.add(row, heading, body);
        self.last_row = Some(row);
        if self.added.bytes() > self.most_in_memory { self.spill() } else { Ok(()) }
    }

    /// Writes the file, down to the disk. `rows` is how many rows the index has, those without a passage among them.
    ///
    /// # Errors
    /// `InvalidInput` where a passage has a higher row, `Integrity` naming the base where a list of it is damaged, `Io`, also where
    /// the file is there already.
    pub fn finish(self, rows: u32) -> Result<()> {
        self.write(&self.path, Some(rows), true)
    }

    fn has(&self, row: u32) -> bool {
        self.base.as_ref().is_some_and(|base| {
            self.removed.get(row as usize) == Some(&0)
                && IndexFile::length(base.lengths(), row).is_some_and(|length| length > 0)
        })
    }

    /// Makes what there is by now the base of the rest.
    fn spill(&mut self) -> Result<()> {
        let mut path = self.path.clone().into_os_string();
        path.push(format!(".{}", self.spills));
        let path = PathBuf::from(path);
        self.spills += 1;
        self.write(&path, None, false)?;
        self.added = Collected::default();
        self.base = None;
        self.remove_spilled();
        self.spilled = Some(path.clone());
        let base = IndexFile::open(&path)?;
        self.removed = vec![0; base.head().rows as usize];
        self.base = Some(base);
        Ok(())
    }

    fn remove_spilled(&mut self) {
        if let Some(path) = self.spilled.take() {
            // It lies beside the index, in a directory that goes as a whole where the run fails.
            let _ = std::fs::remove_file(path);
        }
    }

    fn write(&self, path: &Path, rows: Option<u32>, durably: bool) -> Result<()> {
        let lengths = self.lengths(rows)?;
        write_new(path, |file| self.write_into(file, path, &lengths, durably))
    }

    fn write_into(&self, file: File, path: &Path, lengths: &[u32], durably: bool) -> Result<()> {
        let mut out = FileWriter::new(file, path)?;
        let added = self.added.sorted();
        let mut added = added.iter().peekable();
        if let Some(base) = &self.base {
            let mut merged = List::default();
            for term in 0..base.head().terms as usize {
                let name = base.name(term)?;
                while let Some((earlier, list)) = added.next_if(|(other, _)| other.as_bytes() < name) {
                    out.list(earlier.as_bytes(), list)?;
                }
                let same = added.next_if(|(other, _)| other.as_bytes() == name).map(|(_, list)| *list);
                self.merge(base, term, same, &mut merged)?;
                out.list(name, &merged)?;
            }
        }
        for (name, list) in added {
            out.list(name.as_bytes(), list)?;
        }
        out.finish(lengths, durably)
    }

    /// A term of the base without its removed rows, with those that were added.
    fn merge(&self, base: &IndexFile, term: usize, added: Option<&List>, merged: &mut List) -> Result<()> {
        merged.clear();
        let mut places = base.places(term)?;
        let kept = Postings::of(base.postings(term)?).map(|posting| (posting, take_places(&mut places, posting.body)));
        let mut kept = kept.filter(|(posting, _)| self.removed.get(posting.row as usize) == Some(&0)).peekable();
        let mut new_places = added.map_or(&[][..], |list| &list.places);
        let new = added.map_or(&[][..], |list| &list.postings);
        let mut new = Postings::of(new).map(|posting| (posting, take_places(&mut new_places, posting.body))).peekable();
        loop {
            let next = match (kept.peek(), new.peek()) {
                (Some((one, _)), Some((other, _))) => match one.row.cmp(&other.row) {
                    Ordering::Less => kept.next(),
                    Ordering::Greater => new.next(),
                    // Nobody adds a row that is kept, so a list has it twice: no checksum tells that.
                    Ordering::Equal => return Err(base.damaged(term, "list")),
                },
                (Some(_), None) => kept.next(),
                (None, _) => new.next(),
            };
            let Some((posting, places)) = next else { return Ok(()) };
            merged.push(posting);
            merged.places.extend_from_slice(places);
        }
    }

    /// For each row the number of its words and 1, or 0 where it has no passage.
    fn lengths(&self, rows: Option<u32>) -> Result<Vec<u32>> {
        let kept = self.base.iter().flat_map(|base| base.lengths().as_chunks().0).zip(&self.removed);
        let mut lengths: Vec<u32> =
            kept.map(|(length, removed)| if *removed == 0 { u32::from_le_bytes(*length) } else { 0 }).collect();
        let kept = lengths.iter().rposition(|&length| length > 0).map_or(0, |row| row + 1);
        let used = kept.max(self.added.last_row().map_or(0, |row| row as usize + 1));
        let rows = rows.map_or(used, |rows| rows as usize);
        if used > rows {
            return Err(Error::new(format!("row {} has a passage, and the index is to have {rows} rows", used - 1)));
        }
        lengths.resize(rows, 0);
        for &(row, words) in self.added.lengths() {
            lengths[row as usize] = words.saturating_add(1);
        }
        Ok(lengths)
    }
}

impl Drop for FullTextWriter {
    fn drop(&mut self) {
        self.base = None;
        self.remove_spilled();
    }
}
