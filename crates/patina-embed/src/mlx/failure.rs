//! MLX's exceptions as this crate's errors.

use mlx_rs::error::Exception;

use crate::error::{Error, ErrorKind};

/// An operation of MLX failed.
pub(super) fn failed(exception: Exception) -> Error {
    Error::new(ErrorKind::RuntimeFailed, format!("MLX failed: {}", exception.what())).with_source(exception)
}
