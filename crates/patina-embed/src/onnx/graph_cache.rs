//! Optimised graphs on disk. ONNX Runtime spends most of a session's start on parsing and rewriting a graph and on
//! copying its weights, twice; the result, with the weights in a file of their own that is mapped instead of read, opens
//! in a third to a fifth of the time and leaves the weights to the page cache (all-MiniLM-L6-v2 in float32: 87 ms and
//! 125 MB of resident memory against 25 ms and 12 MB, before a run has touched them).
//!
//! An entry is a folder `<key>/{model.onnx, weights.bin, record.json}`. The key covers all that decides the result; the
//! record says what the files have to be, so that a damaged entry is made again instead of loaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::{sha256_file, sha256_hex};

/// Raised when the way graphs are optimised here changes.
const VERSION: u32 = 3;

const MODEL: &str = "model.onnx";
/// The name that the graph itself refers to.
pub(super) const WEIGHTS: &str = "weights.bin";
const RECORD: &str = "record.json";
const DRAFT: &str = ".draft-";

/// What nobody has used for so long is removed when something new is kept: a graph of an earlier ONNX Runtime or of a file
/// that is no more, a draft whose process was killed.
const UNUSED: Duration = Duration::from_hours(30 * 24);

/// Where one model's optimised graph is or will be.
#[derive(Debug)]
pub(super) struct Entry {
    cache: PathBuf,
    folder: PathBuf,
    origin: Origin,
}

/// An entry that is being made, in a folder of its own until it is whole.
#[derive(Debug)]
pub(super) struct Draft<'entry> {
    folder: PathBuf,
    entry: &'entry Entry,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    origin: Origin,
    files: Vec<FileRecord>,
}

/// What a graph was made of. Whoever removes a model finds the graphs that go with it by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    version: u32,
    weights: String,
    size: u64,
    modified: u64,
    runtime: String,
    cpu: Vec<String>,
}

/// What a file was when it was last digested.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileRecord {
    name: String,
    size: u64,
    modified: u64,
    sha256: String,
}

impl Entry {
    /// The entry of the model in `weights`, whose bytes have the digest `sha256`.
    ///
    /// Size and time of the file enter as well: a caller may have vouched for the wrong bytes.
    pub fn new(cache: &Path, weights: &Path, sha256: &str, runtime_version: &str) -> std::io::Result<Self> {
        let (size, modified) = stamp(weights)?;
        let origin = Origin {
            version: VERSION,
            weights: sha256.to_owned(),
            size,
            modified,
            runtime: runtime_version.to_owned(),
            cpu: crate::cpu::features().into_iter().map(str::to_owned).collect(),
        };
        let key = sha256_hex(json!(origin).to_string().as_bytes());
        Ok(Self { cache: cache.to_path_buf(), folder: cache.join(&key[..32]), origin })
    }

    /// The optimised graph, where it is there and what its record says. A file whose size or time is another is digested
    /// again; one that is not what it was is no longer an entry.
    pub fn graph(&self) -> Option<PathBuf> {
        if !self.is_whole() {
            return None;
        }
        // The time of the record is that of the last use. Where it cannot be set, the entry may be made again one day.
        let used = fs::File::options().write(true).open(self.folder.join(RECORD));
        let _ = used.and_then(|record| record.set_modified(SystemTime::now()));
        Some(self.folder.join(MODEL))
    }

    /// Begins to make the entry. Several may be under way; the first one whole stays.
    pub fn draft(&self) -> std::io::Result<Draft<'_>> {
        create_private(&self.cache)?;
        // Another process has another id, another engine of this one another address.
        let name = format!("{DRAFT}{}-{:p}", std::process::id(), std::ptr::from_ref(self));
        let folder = self.cache.join(name);
        remove(&folder)?;
        create_private(&folder)?;
        Ok(Draft { folder, entry: self })
    }

    /// Whether the folder holds an entry of this origin whose files are what its record says.
    fn is_whole(&self) -> bool {
        Record::read(&self.folder).is_some_and(|record| {
            record.origin == self.origin
                && [MODEL, WEIGHTS]
                    .iter()
                    .all(|name| record.files.iter().any(|file| file.name == *name && file.holds(&self.folder)))
        })
    }

    /// Removes what nobody has used for long. Another process may be at the same, so what fails is left to the next time.
    fn remove_unused(&self) {
        let entries = fs::read_dir(&self.cache).into_iter().flatten();
        for folder in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_draft = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DRAFT));
            let seen = if is_draft { folder.clone() } else { folder.join(RECORD) };
            let used = fs::metadata(seen).and_then(|metadata| metadata.modified());
            if used.is_ok_and(|used| used.elapsed().is_ok_and(|since| since > UNUSED)) {
                let _ = remove(&folder);
            }
        }
    }
}

impl Draft<'_> {
    /// Where the graph is to be written. Its weights go beside it, as [`WEIGHTS`].
    pub fn graph(&self) -> PathBuf {
        self.folder.join(MODEL)
    }

    /// Takes away what was written, to write it again.
    pub fn clear(&self) -> std::io::Result<()> {
        remove(&self.folder)?;
        create_private(&self.folder)
    }

    /// Makes the entry of what was written, unless another is whole already.
    pub fn finish(self) -> std::io::Result<()> {
        let weights = self.folder.join(WEIGHTS);
        if !weights.exists() {
            // A graph without a tensor worth a file of its own.
            fs::write(&weights, [])?;
        }
        let files =
            [MODEL, WEIGHTS].iter().map(|name| FileRecord::new(&self.folder, name)).collect::<Result<_, _>>()?;
        let record = Record { origin: self.entry.origin.clone(), files };
        fs::write(self.folder.join(RECORD), json!(record).to_string())?;
        self.entry.remove_unused();
        sync(&self.folder)?;
        // Another process may have been first; what it uses stays.
        if self.entry.is_whole() {
            return Ok(());
        }
        remove(&self.entry.folder)?;
        match fs::rename(&self.folder, &self.entry.folder) {
            Err(_) if self.entry.is_whole() => Ok(()),
            result => result,
        }
    }
}

/// Has the files on disk before the name that makes them an entry: a loss of power must leave no entry of zeros.
fn sync(folder: &Path) -> std::io::Result<()> {
    [MODEL, WEIGHTS, RECORD].iter().try_for_each(|name| fs::File::open(folder.join(name))?.sync_all())
}

impl Record {
    fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(RECORD)).ok()?).ok()
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Nothing is left of a draft that was not finished; one that was has been moved away.
        let _ = remove(&self.folder);
    }
}

impl FileRecord {
    fn new(folder: &Path, name: &str) -> std::io::Result<Self> {
        let path = folder.join(name);
        let sha256 = sha256_file(&path)?;
        let (size, modified) = stamp(&path)?;
        Ok(Self { name: name.to_owned(), size, modified, sha256 })
    }

    fn holds(&self, folder: &Path) -> bool {
        let path = folder.join(&self.name);
        match stamp(&path) {
            Ok((size, _)) if size != self.size => false,
            Ok((_, modified)) if modified == self.modified => true,
            Ok(_) => sha256_file(&path).is_ok_and(|digest| digest == self.sha256),
            Err(_) => false,
        }
    }
}

/// Size in bytes and time of the last change in nanoseconds.
fn stamp(path: &Path) -> std::io::Result<(u64, u64)> {
    let metadata = fs::metadata(path)?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    Ok((metadata.len(), modified))
}

/// A folder that only this user may write: what lies in it is loaded as code would be.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
