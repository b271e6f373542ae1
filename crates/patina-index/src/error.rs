//! What can be wrong with what the caller gave, and with the files of an index.

use std::fmt;
use std::path::{Path, PathBuf};

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller passed something that cannot be used.
    InvalidInput,
    /// A file is not what it was when it was written.
    Integrity,
    /// A file was written by another version, which is no damage.
    Incompatible,
    /// A file cannot be read or written.
    Io,
}

impl ErrorKind {
    /// The stable name, which is `PatinaError.code` in JavaScript.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidInput => "INVALID_INPUT",
            Self::Integrity => "INTEGRITY",
            Self::Incompatible => "INDEX_INCOMPATIBLE",
            Self::Io => "IO",
        }
    }
}

/// What went wrong. The message says with what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
}

/// What fallible functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For an input that cannot be used.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InvalidInput, message: message.into(), file: None }
    }

    /// For a file that is not what it was.
    pub(crate) fn damaged(file: &Path, what: impl fmt::Display) -> Self {
        let message = format!("{} is damaged: {what}; build the index anew", file.display());
        Self { kind: ErrorKind::Integrity, message, file: Some(file.to_owned()) }
    }

    /// For a file of another version.
    pub(crate) fn incompatible(file: &Path, what: impl fmt::Display) -> Self {
        let message = format!("{} is of another version: {what}; build the index anew", file.display());
        Self { kind: ErrorKind::Incompatible, message, file: Some(file.to_owned()) }
    }

    /// For a file that the operating system refuses.
    pub(crate) fn io(file: &Path, action: &str, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind as Cause;
        let advice = match cause.kind() {
            Cause::StorageFull => "; the disk is full: free some space and run it again",
            Cause::QuotaExceeded => "; the disk quota is used up: free some space and run it again",
            Cause::ReadOnlyFilesystem => "; the file system is mounted read-only: index a writable checkout",
            Cause::PermissionDenied => "; give the permission, or index as who has it",
            _ => "",
        };
        let message = format!("cannot {action} {}: {cause}{advice}", file.display());
        Self { kind: ErrorKind::Io, message, file: Some(file.to_owned()) }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
