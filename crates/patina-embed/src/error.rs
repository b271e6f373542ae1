//! One error for the crate: a stable kind to branch on, a message for people, and the offending thing as data.

use std::fmt;
use std::path::{Path, PathBuf};

/// What went wrong, for code to branch on. [`ErrorKind::code`] is the same name in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller passed something that cannot be used.
    InvalidInput,
    /// The model's description contradicts itself or its files.
    SpecInvalid,
    /// A file of the model is not there.
    ModelMissing,
    /// A file is there and cannot be what it claims to be.
    Integrity,
    /// A `registry.toml` or a lock cannot be used.
    RegistryInvalid,
    /// The registry has no such model.
    ModelUnknown,
    /// The model has no variant that fits what was asked.
    VariantUnknown,
    /// A file cannot be read or written.
    Io,
    /// The model needs something this engine does not do.
    Unsupported,
    /// The runtime asked for cannot be had on this machine.
    RuntimeUnavailable,
    /// The runtime failed while it computed.
    RuntimeFailed,
    /// The model's output holds NaN or infinity, or a vector of length zero.
    NonFinite,
    /// The engine was closed.
    Closed,
    /// The caller aborted the call.
    Aborted,
    /// A defect of this crate.
    Internal,
}

impl ErrorKind {
    /// The name of this kind at every border (`PatinaError.code` in TypeScript).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidInput => "INVALID_INPUT",
            Self::SpecInvalid => "SPEC_INVALID",
            Self::ModelMissing => "MODEL_MISSING",
            Self::Integrity => "INTEGRITY",
            Self::RegistryInvalid => "REGISTRY_INVALID",
            Self::ModelUnknown => "MODEL_UNKNOWN",
            Self::VariantUnknown => "VARIANT_UNKNOWN",
            Self::Io => "IO",
            Self::Unsupported => "UNSUPPORTED",
            Self::RuntimeUnavailable => "RUNTIME_UNAVAILABLE",
            Self::RuntimeFailed => "RUNTIME_FAILED",
            Self::NonFinite => "NON_FINITE",
            Self::Closed => "CLOSED",
            Self::Aborted => "ABORTED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A place in a text; both count from 1, columns in UTF-16 units as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// An error of this crate.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    index: Option<usize>,
    words: Option<Box<Words>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What an error about a text that somebody wrote names beside its message.
#[derive(Debug, Clone, Default)]
struct Words {
    place: Option<Place>,
    key: Option<String>,
    suggestion: Option<String>,
}

/// What fallible functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` that says what happened and what to do next.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), file: None, index: None, words: None, source: None }
    }

    /// For a call on an engine that was closed.
    #[must_use]
    pub fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the engine was closed; open a new one")
    }

    /// For a call that its caller aborted.
    #[must_use]
    pub fn aborted() -> Self {
        Self::new(ErrorKind::Aborted, "the call was aborted")
    }

    /// Names the file that is at fault.
    #[must_use]
    pub fn with_file(mut self, file: impl AsRef<Path>) -> Self {
        self.file = Some(file.as_ref().to_path_buf());
        self
    }

    /// Names which of the given texts is at fault, from 0.
    #[must_use]
    pub fn with_index(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// Names the place in the file that is at fault.
    #[must_use]
    pub fn with_place(mut self, place: Place) -> Self {
        self.words.get_or_insert_default().place = Some(place);
        self
    }

    /// Names the key of a file, or of a model, that is at fault.
    #[must_use]
    pub fn with_key(mut self, key: impl AsRef<str>) -> Self {
        self.words.get_or_insert_default().key = Some(key.as_ref().to_owned());
        self
    }

    /// Names the known word that is nearest to the key at fault.
    #[must_use]
    pub fn with_suggestion(mut self, suggestion: impl AsRef<str>) -> Self {
        self.words.get_or_insert_default().suggestion = Some(suggestion.as_ref().to_owned());
        self
    }

    /// Keeps the error that led to this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind to branch on.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Which of the given texts is at fault, from 0.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// The place in the file at fault.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.words.as_ref().and_then(|words| words.place)
    }

    /// The key at fault.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.words.as_ref().and_then(|words| words.key.as_deref())
    }

    /// The known word that is nearest to the key at fault.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.words.as_ref().and_then(|words| words.suggestion.as_deref())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(formatter, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
