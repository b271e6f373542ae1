//! Counting the tokens of many texts, on all cores.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use super::workers::Shared;
use crate::error::{Error, ErrorKind, Result};

/// Large enough that sharing costs nothing: lines of code, of which there are many, take microseconds.
const TEXTS_A_STEP: usize = 256;

/// Counts the tokens of each text on threads of the call, of which as many compute at once as the process's budget has
/// for it: the engine's own may be busy with batches, and whoever counts is about to send more.
pub(super) fn count_tokens(shared: &Shared, texts: &[&str]) -> Result<Vec<u32>> {
    if shared.is_closing() {
        return Err(Error::closed());
    }
    let steps: Vec<(usize, &[&str])> =
        texts.chunks(TEXTS_A_STEP).enumerate().map(|(step, texts)| (step * TEXTS_A_STEP, texts)).collect();
    let counts: Vec<OnceLock<Vec<u32>>> = steps.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    let work = || {
        loop {
            let step = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(first, texts)) = steps.get(step) else { return };
            match shared.count_step(first, texts) {
                // A step is taken once.
                Ok(found) => drop(counts[step].set(found)),
                Err(error) => {
                    next.store(steps.len(), Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    return;
                }
            }
        }
    };
    let helpers = steps.len().min(crate::threads::limit()).saturating_sub(1);
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // Without another thread this one does it all.
            let _ = std::thread::Builder::new().name("patina-count".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let counts: Vec<u32> = counts.into_iter().filter_map(OnceLock::into_inner).flatten().collect();
    if counts.len() != texts.len() {
        return Err(Error::new(ErrorKind::Internal, "a text was not counted; please report this"));
    }
    Ok(counts)
}
