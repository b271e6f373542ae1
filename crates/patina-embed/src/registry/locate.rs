//! Where `patina model add` and other tools keep the files of a variant, and whether they are the right ones.

use std::path::{Path, PathBuf};

use super::RegistryRequest;
use super::entry::{EntryFile, ModelEntry, ModelVariant, Source};
use super::lock::{LockedFile, locked_files};
use super::words;
use crate::digest::{sha256_file, sha256_hex};
use crate::error::{Error, ErrorKind, Result};
use crate::spec::ModelFile;

/// A file with the digest it must have.
struct Expected<'entry> {
    file: &'entry EntryFile,
    sha256: String,
    locked: Option<LockedFile>,
}

/// The variant's files, found and read whole.
///
/// # Errors
/// [`ErrorKind::ModelMissing`] for one that is nowhere, [`ErrorKind::Integrity`] for one that is not what its digest says
/// or has none.
pub(super) fn find_files(
    entry: &ModelEntry,
    variant: &ModelVariant,
    request: &RegistryRequest,
) -> Result<Vec<ModelFile>> {
    let mut rows = Vec::new();
    for lock in &request.locks {
        rows.extend(locked_files(lock, &entry.key, variant)?);
    }
    let expected = entry.files.iter().chain(&variant.files).map(|file| expect(entry, variant, file, &mut rows));
    let expected = expected.collect::<Result<Vec<_>>>()?;
    let folder = request.store.as_ref().map(|store| store.join(&entry.key).join(folder_name(variant, &expected)));
    let find = |file: &Expected| find_file(entry, variant, request, folder.as_deref(), file);
    expected.iter().map(find).collect()
}

/// The registry's digest counts, then that of the first lock that has one.
fn expect<'entry>(
    entry: &ModelEntry,
    variant: &ModelVariant,
    file: &'entry EntryFile,
    rows: &mut Vec<LockedFile>,
) -> Result<Expected<'entry>> {
    let at = rows.iter().position(|row| row.path == file.path);
    let locked = at.map(|at| rows.remove(at));
    let Some(sha256) = file.sha256.clone().or_else(|| locked.as_ref().map(|row| row.sha256.clone())) else {
        let message = format!(
            "nothing says which bytes {} of model {} must have: its entry has no sha256 and no lock that was given has \
             a row for it; run `{}` and name the models.lock that it wrote in RegistryRequest::locks",
            file.path,
            entry.key,
            add_command(entry, variant)
        );
        return Err(Error::new(ErrorKind::Integrity, message).with_key(&entry.key));
    };
    Ok(Expected { file, sha256, locked })
}

/// The name of the folder for one set of files; `variantFolder` in the TypeScript registry has the same rule.
fn folder_name(variant: &ModelVariant, files: &[Expected]) -> String {
    let mut rows: Vec<(&str, &str)> =
        files.iter().map(|file| (file.file.path.as_str(), file.sha256.as_str())).collect();
    rows.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    sha256_hex(serde_json::json!([variant.runtime, variant.name, rows]).to_string().as_bytes())
}

fn find_file(
    entry: &ModelEntry,
    variant: &ModelVariant,
    request: &RegistryRequest,
    folder: Option<&Path>,
    expected: &Expected,
) -> Result<ModelFile> {
    let mut places: Vec<PathBuf> = folder.map(|folder| folder.join(&expected.file.path)).into_iter().collect();
    if let Some(cache) = &request.hub_cache {
        for source in &expected.file.sources {
            places.extend(in_hub_cache(cache, entry, source, expected)?);
        }
    }
    let add = add_command(entry, variant);
    let mut wrong = None;
    for place in places.iter().filter(|place| place.is_file()) {
        let path = std::path::absolute(place).map_err(|source| unreadable(place, source))?;
        let sha256 = sha256_file(&path).map_err(|source| unreadable(&path, source))?;
        if sha256 == expected.sha256 {
            return Ok(ModelFile { role: expected.file.role, path, sha256 });
        }
        wrong.get_or_insert((path, sha256));
    }
    if let Some((path, sha256)) = wrong {
        let message = format!(
            "{} is damaged, was changed or is of another revision: SHA-256 expected {}, found {sha256}. It was not \
             used; run `{add}` to fetch the right one",
            path.display(),
            expected.sha256
        );
        return Err(Error::new(ErrorKind::Integrity, message).with_file(path).with_key(&entry.key));
    }
    let looked = match places.as_slice() {
        [] => "neither a store nor a hub cache that could hold it was given (RegistryRequest)".to_owned(),
        places => {
            let names: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            format!("it is not at {}; run `{add}`", names.join(" or "))
        }
    };
    let message = format!("{} of model {} ({}) is missing: {looked}", expected.file.path, entry.key, variant.name);
    Err(Error::new(ErrorKind::ModelMissing, message).with_key(&entry.key))
}

/// Where a hub cache keeps a file: below the commit that the registry or the lock pins, else below the one that the
/// cache's own reference names. Nothing where the cache has no such reference.
///
/// # Errors
/// [`ErrorKind::Integrity`] where the registry pins one commit and the lock another.
fn in_hub_cache(cache: &Path, entry: &ModelEntry, source: &Source, expected: &Expected) -> Result<Option<PathBuf>> {
    let Source::Hub { repo, revision, path } = source else { return Ok(None) };
    let folder = cache.join(format!("models--{}", repo.replace('/', "--")));
    let described = format!("hub:{repo}@{revision}/{path}");
    let pinned = expected.locked.as_ref().filter(|row| row.source == described).and_then(|row| row.revision.clone());
    let commit = match pinned {
        Some(commit) if words::is_commit(revision) && commit != *revision => {
            let message = format!(
                "the registry pins {path} of {repo} at commit {revision}, and the lock has commit {commit}; nothing was \
                 loaded. Run `patina model update {}` to take the registry's",
                entry.key
            );
            return Err(Error::new(ErrorKind::Integrity, message).with_key(&entry.key));
        }
        Some(commit) => commit,
        None if words::is_commit(revision) => revision.clone(),
        None => match std::fs::read_to_string(folder.join("refs").join(revision)) {
            Ok(commit) => commit.trim().to_owned(),
            Err(_) => return Ok(None),
        },
    };
    Ok(words::is_commit(&commit).then(|| folder.join("snapshots").join(commit).join(path)))
}

fn add_command(entry: &ModelEntry, variant: &ModelVariant) -> String {
    format!("patina model add {} --variant {} --runtime {}", entry.key, variant.name, variant.runtime.name())
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot read {}", path.display())).with_file(path).with_source(source)
}
