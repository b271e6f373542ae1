//! The one thread of a process that uses MLX: an array may not be touched by a thread other than its own, and for each
//! thread that computes MLX starts one of its own, which it never ends (0.32.2). Models of one process share the device
//! anyway.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::failure::failed;
use super::model::Model;
use crate::batch::PaddedBatch;
use crate::engine::guard;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::ModelSpec;

/// Where requests go, once there is a thread that answers them.
static THREAD: Mutex<Option<Sender<Request>>> = Mutex::new(None);

/// What the thread knows a model by.
type Key = u64;

enum Request {
    Open { spec: Box<ModelSpec>, reply: SyncSender<Result<Key>> },
    Run { model: Key, batch: PaddedBatch, stop: Arc<AtomicBool>, reply: SyncSender<Result<Vec<f32>>> },
    Close { model: Key, reply: SyncSender<Result<()>> },
}

impl Request {
    /// Somebody waits for a single text.
    fn is_urgent(&self) -> bool {
        matches!(self, Self::Run { batch, .. } if batch.rows() == 1)
    }
}

/// A model on the thread; dropping it frees the model's memory before it returns.
pub(super) struct Owner {
    model: Key,
    requests: Sender<Request>,
}

impl Owner {
    /// Returns when the thread has loaded the model; the first to come starts it.
    ///
    /// # Errors
    /// As [`Model::open`].
    pub fn start(spec: ModelSpec) -> Result<Self> {
        let requests = thread()?;
        let model = ask(&requests, |reply| Request::Open { spec: Box::new(spec), reply })?;
        Ok(Self { model, requests })
    }

    /// Has the thread compute a batch and waits for it. One that `stop` is set for and that has not begun fails.
    pub fn run(&self, batch: PaddedBatch, stop: &Arc<AtomicBool>) -> Result<Vec<f32>> {
        ask(&self.requests, |reply| Request::Run { model: self.model, batch, stop: Arc::clone(stop), reply })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Fails where MLX panicked, which its hook has printed; there is nothing left to close then.
        let _ = ask(&self.requests, |reply| Request::Close { model: self.model, reply });
    }
}

/// Makes a request and waits for the answer.
fn ask<T>(requests: &Sender<Request>, request: impl FnOnce(SyncSender<Result<T>>) -> Request) -> Result<T> {
    let (reply, answer) = sync_channel(1);
    requests.send(request(reply)).map_err(|_| ended())?;
    answer.recv().unwrap_or_else(|_| Err(ended()))
}

/// The thread's requests. It is never ended: at rest it costs nothing, and another one would cost a thread of MLX's.
fn thread() -> Result<Sender<Request>> {
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(requests) = &*thread {
        return Ok(requests.clone());
    }
    let (requests, receiver) = channel();
    std::thread::Builder::new().name("patina-embed-mlx".to_owned()).spawn(move || serve(&receiver)).map_err(
        |source| Error::new(ErrorKind::RuntimeFailed, "the thread for MLX could not be started").with_source(source),
    )?;
    Ok(thread.insert(requests).clone())
}

/// Answers requests. Single texts go first, since somebody waits for them, but never two in a row past what has waited
/// longer: a call whose texts each fill a batch always has one waiting, and would hold up all other engines until it ends.
fn serve(requests: &Receiver<Request>) {
    let mut models = HashMap::new();
    let mut next_key = 0;
    let mut waiting: Vec<Request> = Vec::new();
    let mut has_passed = false;
    loop {
        if waiting.is_empty() {
            match requests.recv() {
                Ok(request) => waiting.push(request),
                Err(_) => return,
            }
        }
        waiting.extend(requests.try_iter());
        let urgent = waiting.iter().position(Request::is_urgent).unwrap_or(0);
        let next = if has_passed { 0 } else { urgent };
        has_passed = next > 0;
        // Whoever asked may have given up, so what becomes of an answer is not looked at.
        match waiting.remove(next) {
            Request::Open { spec, reply } => {
                let opened = tidily(|| Model::open(&spec)).map(|model| {
                    next_key += 1;
                    models.insert(next_key, model);
                    next_key
                });
                let _ = reply.send(opened);
            }
            Request::Run { model, batch, stop, reply } => {
                let result = match models.get(&model) {
                    _ if stop.load(Ordering::SeqCst) => Err(Error::aborted()),
                    Some(model) => tidily(|| model.run(&batch)),
                    None => Err(ended()),
                };
                let _ = reply.send(result);
            }
            Request::Close { model, reply } => {
                let model = models.remove(&model);
                let _ = reply.send(tidily(|| {
                    drop(model);
                    Ok(())
                }));
            }
        }
    }
}

/// Does `work` and gives the memory back that MLX keeps for arrays to come: it is kept by shape, and nearly every batch
/// has its own.
fn tidily<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    guard(|| {
        let result = work();
        let cleared = mlx_rs::memory::clear_cache();
        result.and_then(|result| cleared.map(|()| result).map_err(failed))
    })
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the thread that owns the model has ended; please report this")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::embeddings::TextReport;
    use crate::tokenizer::Tokens;

    #[test]
    fn single_texts_go_first_and_hold_up_no_batch_for_good() {
        let (requests, receiver) = channel();
        let (reply, replies) = sync_channel(4);
        // Of a model that is not there; those of single texts are stopped, so that the errors tell them apart.
        for rows in [2, 1, 1, 1] {
            let tokens = Tokens { ids: vec![0], report: TextReport::default() };
            let batch = PaddedBatch::new(std::iter::repeat_n(&tokens, rows), 0);
            let stop = Arc::new(AtomicBool::new(rows == 1));
            requests.send(Request::Run { model: 0, batch, stop, reply: reply.clone() }).unwrap();
        }
        drop((requests, reply));
        serve(&receiver);
        let order: Vec<ErrorKind> = replies.iter().map(|answer| answer.unwrap_err().kind()).collect();
        assert_eq!(order, [ErrorKind::Aborted, ErrorKind::Internal, ErrorKind::Aborted, ErrorKind::Aborted]);
    }
}
