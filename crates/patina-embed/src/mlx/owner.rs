//! The one thread that a model on MLX belongs to: its arrays may not be touched by another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::failure::failed;
use super::model::Model;
use crate::batch::PaddedBatch;
use crate::engine::guard;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::ModelSpec;

/// Held while MLX computes or loads: models of one process share the device anyway, and MLX's own guarantees about
/// threads that compute at the same time changed from release to release.
static DEVICE: Mutex<()> = Mutex::new(());

/// A batch and where its vectors go.
struct Request {
    batch: PaddedBatch,
    stop: Arc<AtomicBool>,
    reply: SyncSender<Result<Vec<f32>>>,
}

/// A handle to the thread. The last one to go ends it and waits for it.
pub(super) struct Owner {
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Owner {
    /// Starts the thread and returns when it has loaded the model.
    ///
    /// # Errors
    /// As [`Model::open`].
    pub fn start(spec: ModelSpec) -> Result<Self> {
        let (requests, receiver) = channel();
        let (report, loaded) = sync_channel(1);
        let serve = move || {
            let model = guard(|| on_device(|| Model::open(&spec)));
            let (model, result) = match model {
                Ok(model) => (Some(model), Ok(())),
                Err(error) => (None, Err(error)),
            };
            // `start` waits for exactly this message.
            let _ = report.send(result);
            if let Some(model) = model {
                serve(&model, &receiver);
            }
        };
        let thread =
            std::thread::Builder::new().name("patina-embed-mlx".to_owned()).spawn(serve).map_err(|source| {
                Error::new(ErrorKind::RuntimeFailed, "the thread for MLX could not be started").with_source(source)
            })?;
        // Dropped on an error, which waits for the thread.
        let owner = Self { requests: Some(requests), thread: Some(thread) };
        loaded.recv().unwrap_or_else(|_| Err(ended()))?;
        Ok(owner)
    }

    /// Has the thread compute a batch and waits for it. One that `stop` is set for and that has not begun fails.
    pub fn run(&self, batch: PaddedBatch, stop: &Arc<AtomicBool>) -> Result<Vec<f32>> {
        let (reply, answer) = sync_channel(1);
        let request = Request { batch, stop: Arc::clone(stop), reply };
        self.requests.as_ref().and_then(|requests| requests.send(request).ok()).ok_or_else(ended)?;
        answer.recv().unwrap_or_else(|_| Err(ended()))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            // Its panics were caught and answered; there is nothing left to say here.
            let _ = thread.join();
        }
    }
}

/// Answers requests until nobody can make one. Single texts go first: somebody waits for them.
fn serve(model: &Model, requests: &Receiver<Request>) {
    let mut waiting: Vec<Request> = Vec::new();
    loop {
        if waiting.is_empty() {
            match requests.recv() {
                Ok(request) => waiting.push(request),
                Err(_) => return,
            }
        }
        waiting.extend(requests.try_iter());
        let next = waiting.iter().position(|request| request.batch.rows() == 1).unwrap_or(0);
        let Request { batch, stop, reply } = waiting.remove(next);
        let result =
            if stop.load(Ordering::SeqCst) { Err(Error::aborted()) } else { guard(|| on_device(|| model.run(&batch))) };
        // Whoever asked may have given up.
        let _ = reply.send(result);
    }
}

/// Runs `work` while no other model is on the device, and gives the memory back that MLX keeps for arrays to come: it is
/// kept by shape, and nearly every batch has its own.
fn on_device<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _device = DEVICE.lock().unwrap_or_else(PoisonError::into_inner);
    let result = work();
    mlx_rs::memory::clear_cache().map_err(failed)?;
    result
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the thread that owns the model has ended; please report this")
}
