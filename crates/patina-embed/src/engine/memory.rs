//! How much memory an engine's running batches may take together.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::error::{Error, ErrorKind, Result};

/// Of the memory that is available, the share that batches take at most: the rest is for the weights, for what the
/// caller does with the vectors, and for other programs.
const SHARE: u64 = 2;

/// Below this no model of use can run a text of ordinary length.
const LEAST: u64 = 16_000_000;

/// What a machine has whose available memory cannot be told.
const UNKNOWN: u64 = 4_000_000_000;

/// The budget in bytes: what was asked for, or half of what is available now.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where too little was asked for to embed anything.
pub(super) fn budget(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(bytes) if bytes < LEAST => Err(Error::new(
            ErrorKind::InvalidInput,
            format!("memory has to be at least {LEAST} bytes for a batch to run, not {bytes}"),
        )),
        Some(bytes) => Ok(bytes),
        None => Ok((available().unwrap_or(UNKNOWN) / SHARE).max(LEAST)),
    }
}

/// Bytes that programs can take without others being pushed out, within the limits of a container.
fn available() -> Option<u64> {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory)).ok()?;
    let machine = system.available_memory();
    let limited = system.cgroup_limits().map_or(machine, |limits| limits.free_memory.min(machine));
    (limited > 0).then_some(limited)
}
