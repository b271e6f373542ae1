//! MLX behind the engine's interface.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::owner::Owner;
use crate::batch::PaddedBatch;
use crate::config::ModelConfig;
use crate::engine::{Backend, BackendFactory, Brake, RunMemory};
use crate::error::Result;
use crate::options::Batching;
use crate::spec::ModelSpec;

/// Padded tokens a batch may have on a GPU: enough to fill it, few enough that a query behind one waits milliseconds. Not
/// measured on Apple Silicon; on a CPU the engine's own holds.
const GPU_TOKEN_BUDGET: usize = 4096;

/// Loads the model once and gives every worker a handle to it.
pub(crate) struct MlxFactory {
    spec: ModelSpec,
    /// Of the engine.
    threads: usize,
    memory: RunMemory,
    owner: Mutex<Option<Arc<Owner>>>,
}

impl MlxFactory {
    /// The files are read with [`BackendFactory::create`].
    pub(crate) fn new(spec: &ModelSpec, config: &ModelConfig, threads: usize) -> Self {
        Self { spec: spec.clone(), threads, memory: RunMemory::new(spec, config), owner: Mutex::default() }
    }
}

impl BackendFactory for MlxFactory {
    fn create(&self) -> Result<Box<dyn Backend>> {
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = match &*owner {
            Some(owner) => Arc::clone(owner),
            None => Arc::clone(owner.insert(Arc::new(Owner::start(self.spec.clone())?))),
        };
        Ok(Box::new(MlxBackend { owner, stop: Arc::default() }))
    }

    fn token_budget(&self) -> Option<usize> {
        cfg!(target_os = "macos").then_some(GPU_TOKEN_BUDGET)
    }

    /// Two batches are on their way at a time: one computes while the other is made ready.
    fn threads_a_run(&self) -> usize {
        self.threads.div_ceil(2)
    }

    fn must_run_alone(&self, batching: Batching) -> bool {
        // MLX quantises weights only, so no vector depends on its batch-mates.
        batching == Batching::Exact
    }

    fn run_bytes(&self, rows: usize, width: usize) -> u64 {
        self.memory.bytes(rows, width)
    }
}

/// A worker's handle to the model.
struct MlxBackend {
    owner: Arc<Owner>,
    stop: Arc<AtomicBool>,
}

impl Backend for MlxBackend {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        let vectors = self.owner.run(batch.clone(), &self.stop)?;
        let width = vectors.len() / batch.rows();
        *out = vectors;
        Ok(width)
    }

    fn brake(&self) -> Arc<dyn Brake> {
        Arc::new(Skip(Arc::clone(&self.stop)))
    }
}

/// A batch that has not begun is skipped; MLX lets none be stopped that has.
struct Skip(Arc<AtomicBool>);

impl Brake for Skip {
    fn pull(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn release(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}
