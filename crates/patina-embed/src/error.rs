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
    /// A file cannot be written.
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

/// An error of this crate.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    index: Option<usize>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What fallible functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` that says what happened and what to do next.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), file: None, index: None, source: None }
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
