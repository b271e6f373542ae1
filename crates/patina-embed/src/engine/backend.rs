//! What a runtime has to do for an engine: pooled vectors of a padded batch. All else is the engine's.

use std::sync::Arc;

use crate::batch::PaddedBatch;
use crate::error::Result;
use crate::options::Batching;

/// A loaded model as one thread uses it.
pub(crate) trait Backend {
    /// Writes the pooled vectors, not normalised and not cut, row-major `[rows × width]` into `out`, and returns the
    /// width.
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize>;

    /// Ends a run from another thread.
    fn brake(&self) -> Arc<dyn Brake>;
}

/// Ends a run that nobody waits for any more, which then fails.
pub(crate) trait Brake: Send + Sync {
    /// Has the run that is going on, or the next one, end as soon as it can.
    fn pull(&self);

    /// Lets later runs go on.
    fn release(&self);
}

/// Makes a [`Backend`] for each worker that gets work. It is called on the worker's own thread, so that a backend need
/// not be able to move.
pub(crate) trait BackendFactory: Send + Sync {
    /// Loads the model, or gives another handle to it.
    fn create(&self) -> Result<Box<dyn Backend>>;

    /// A handle for texts that come alone: its runs take all threads of the engine instead of one. `None` where there is
    /// none, because a run takes all of them anyway or because the weights would be held a second time for it.
    fn create_wide(&self) -> Option<Box<dyn Backend>> {
        None
    }

    /// Threads that a run of [`BackendFactory::create`]'s handles takes.
    fn threads_a_run(&self) -> usize {
        1
    }

    /// Padded tokens a batch may have, where the device wants other batches than a CPU does.
    fn token_budget(&self) -> Option<usize> {
        None
    }

    /// Whether each text has to run alone for its vector not to depend on its batch-mates.
    fn must_run_alone(&self, batching: Batching) -> bool;

    /// The most memory, in bytes, that a run of `rows` texts padded to `width` tokens takes beside the weights.
    fn run_bytes(&self, rows: usize, width: usize) -> u64;

    /// What a caller should know that kept the model from loading as fast as it could, and is no error.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}
