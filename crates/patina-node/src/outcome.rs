//! Errors as data. A thrown N-API error would carry only a text across the border; these carry what
//! `PatinaError` needs: code, message, and the offending thing.

use napi_derive::napi;
use patina_embed::Error;

/// An error on its way to JavaScript, where it becomes a `PatinaError`.
#[napi(object)]
#[derive(Debug, Clone)]
pub struct NativeError {
    /// `PatinaError.code`
    pub code: String,
    /// What happened and what to do next.
    pub message: String,
    /// The file at fault.
    pub file: Option<String>,
    /// Which of the given texts is at fault, from 0.
    pub index: Option<u32>,
}

impl From<Error> for NativeError {
    fn from(error: Error) -> Self {
        Self {
            code: error.kind().code().to_owned(),
            message: error.to_string(),
            file: error.file().map(|file| file.display().to_string()),
            index: error.index().map(|index| index as u32),
        }
    }
}

impl From<patina_train::Error> for NativeError {
    fn from(error: patina_train::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<patina_index::Error> for NativeError {
    fn from(error: patina_index::Error) -> Self {
        Self {
            code: error.kind().code().to_owned(),
            message: error.to_string(),
            file: error.file().map(|file| file.display().to_string()),
            index: None,
        }
    }
}

impl NativeError {
    /// For what cannot happen unless this project has a defect.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { code: "INTERNAL".to_owned(), message: message.into(), file: None, index: None }
    }

    /// For a call on what has been closed.
    pub(crate) fn closed(message: impl Into<String>) -> Self {
        Self { code: "CLOSED".to_owned(), message: message.into(), file: None, index: None }
    }

    /// For an argument that cannot be used.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { code: "INVALID_INPUT".to_owned(), message: message.into(), file: None, index: None }
    }

    /// Names the file at fault.
    pub(crate) fn with_file(self, file: String) -> Self {
        Self { file: Some(file), ..self }
    }
}
