//! `models.lock`: the bytes that `patina model add` accepted, and where they came from.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::entry::ModelVariant;
use super::words;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::Runtime;

/// Bytes that a lock may have; a row has some hundred.
const LARGEST_FILE: u64 = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    version: u64,
    models: HashMap<String, Vec<LockedVariant>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockedVariant {
    variant: String,
    runtime: Runtime,
    files: Vec<LockedFile>,
}

/// What a lock says of one file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockedFile {
    /// Below the model's folder.
    pub path: String,
    #[serde(rename = "size")]
    _size: u64,
    pub sha256: String,
    /// The source, as [`super::locate`] describes it.
    pub source: String,
    /// The commit of a hub source.
    pub revision: Option<String>,
}

/// What a lock has on a variant; nothing when it was never added there.
///
/// # Errors
/// [`ErrorKind::Io`] for a file that cannot be read, [`ErrorKind::RegistryInvalid`] for one that is no lock.
pub(super) fn locked_files(file: &Path, key: &str, variant: &ModelVariant) -> Result<Vec<LockedFile>> {
    let bytes = read_limited(file, LARGEST_FILE, ErrorKind::Io)?;
    let invalid = |reason: String| {
        let message = format!(
            "{} is no lock this version can read ({reason}); restore it from version control, or delete it and run \
             `patina model add KEY` for each model again",
            file.display()
        );
        Error::new(ErrorKind::RegistryInvalid, message).with_file(file)
    };
    let mut lock: Lock = serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    if lock.version != 1 {
        return Err(invalid(format!("its version is {}", lock.version)));
    }
    let rows = lock.models.remove(key).unwrap_or_default();
    let row = rows.into_iter().find(|row| row.variant == variant.name && row.runtime == variant.runtime);
    let files = row.map(|row| row.files).unwrap_or_default();
    if let Some(file) = files.iter().find(|file| !words::is_sha256(&file.sha256)) {
        return Err(invalid(format!("{:?} is no SHA-256 of {}", file.sha256, file.path)));
    }
    // It becomes a folder of the hub's cache, and who wrote the lock may be anybody.
    let is_commit = |file: &LockedFile| file.revision.as_deref().is_some_and(words::is_commit);
    match files.iter().find(|file| file.source.starts_with("hub:") && !is_commit(file)) {
        Some(file) => {
            let revision = file.revision.as_deref().unwrap_or("null");
            Err(invalid(format!("{revision:?} is no commit of {}, which comes from {}", file.path, file.source)))
        }
        None => Ok(files),
    }
}
