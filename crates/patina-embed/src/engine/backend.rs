//! What a runtime has to do for an engine: pooled vectors of a padded batch. All else is the engine's.

use crate::batch::PaddedBatch;
use crate::error::Result;
use crate::options::Batching;

/// A loaded model on one thread.
pub(crate) trait Backend {
    /// Writes the pooled vectors, not normalised and not cut, row-major `[rows × width]` into `out`, and returns the
    /// width.
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize>;
}

/// Makes a [`Backend`] for each worker that gets work. It is called on the worker's own thread, so that a backend need
/// not be able to move.
pub(crate) trait BackendFactory: Send + Sync {
    /// Loads the model.
    fn create(&self) -> Result<Box<dyn Backend>>;

    /// Whether each text has to run alone for its vector not to depend on its batch-mates.
    fn must_run_alone(&self, batching: Batching) -> bool;
}
