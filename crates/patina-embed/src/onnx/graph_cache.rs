//! Optimised graphs on disk. ONNX Runtime spends most of a session's start on parsing and rewriting a graph and on
//! copying its weights; the result, with the weights in a file of their own that is mapped instead of read, opens in a
//! third to a fifth of the time and leaves the weights to the page cache (all-MiniLM-L6-v2 in float32: 87 ms and 125 MB
//! of resident memory against 29 ms and 50 MB).
//!
//! An entry is a folder `<key>/{model.onnx, weights.bin, record.json}`. The key covers all that decides the result; the
//! record says what the files have to be, so that a damaged entry is made again instead of loaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::{sha256_file, sha256_hex};

/// Raised when the way graphs are optimised here changes.
const VERSION: u32 = 1;

const MODEL: &str = "model.onnx";
/// The name that the graph itself refers to.
pub(super) const WEIGHTS: &str = "weights.bin";
const RECORD: &str = "record.json";

/// Where one model's optimised graph is or will be.
#[derive(Debug)]
pub(super) struct Entry {
    parent: PathBuf,
    folder: PathBuf,
    origin: Origin,
}

/// An entry that is being made, in a folder of its own until it is whole.
#[derive(Debug)]
pub(super) struct Draft {
    folder: PathBuf,
    target: PathBuf,
    origin: Origin,
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
        Ok(Self { parent: cache.to_path_buf(), folder: cache.join(&key[..32]), origin })
    }

    /// The optimised graph, where it is there and what its record says. A file whose size or time is another is digested
    /// again; one that is not what it was is no longer an entry.
    pub fn graph(&self) -> Option<PathBuf> {
        let record = Record::read(&self.folder)?;
        let whole = record.origin == self.origin
            && [MODEL, WEIGHTS]
                .iter()
                .all(|name| record.files.iter().any(|file| file.name == *name && file.holds(&self.folder)));
        whole.then(|| self.folder.join(MODEL))
    }

    /// Begins to make the entry. Several may be under way; the first one whole stays.
    pub fn draft(&self) -> std::io::Result<Draft> {
        create_private(&self.parent)?;
        // Another process has another id, another engine of this one another address.
        let name = format!(".draft-{}-{:p}", std::process::id(), std::ptr::from_ref(self));
        let folder = self.parent.join(name);
        remove(&folder)?;
        create_private(&folder)?;
        Ok(Draft { folder, target: self.folder.clone(), origin: self.origin.clone() })
    }
}

impl Draft {
    /// Where the graph is to be written. Its weights go beside it, as [`WEIGHTS`].
    pub fn graph(&self) -> PathBuf {
        self.folder.join(MODEL)
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
        let record = Record { origin: self.origin.clone(), files };
        fs::write(self.folder.join(RECORD), json!(record).to_string())?;
        self.remove_outdated()?;
        // An entry that is there was not usable, or was finished meanwhile; either way this one is whole.
        remove(&self.target)?;
        match fs::rename(&self.folder, &self.target) {
            Err(_) if self.target.join(RECORD).exists() => Ok(()),
            result => result,
        }
    }
}

impl Draft {
    /// Removes what an earlier ONNX Runtime, or one on another processor, made of the same file.
    fn remove_outdated(&self) -> std::io::Result<()> {
        let Some(parent) = self.target.parent() else { return Ok(()) };
        for entry in fs::read_dir(parent)? {
            let folder = entry?.path();
            let outdated = Record::read(&folder).is_some_and(|Record { origin, .. }| {
                let made_by = |origin: &Origin| (origin.version, origin.runtime.clone(), origin.cpu.clone());
                origin.weights == self.origin.weights && made_by(&origin) != made_by(&self.origin)
            });
            if outdated {
                remove(&folder)?;
            }
        }
        Ok(())
    }
}

impl Record {
    fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(RECORD)).ok()?).ok()
    }
}

impl Drop for Draft {
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
