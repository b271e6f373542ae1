//! The rows that a search may find, as both indexes are told them.

use crate::error::{Error, Result};

/// Checks that `allowed`, where it is given, has one byte a row.
pub(crate) fn check_allowed(allowed: Option<&[u8]>, rows: usize) -> Result<()> {
    match allowed.map(<[u8]>::len) {
        Some(bytes) if bytes != rows => {
            Err(Error::new(format!("allowed has {bytes} bytes for {rows} rows; it needs one for each")))
        }
        _ => Ok(()),
    }
}
