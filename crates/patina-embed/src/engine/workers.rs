//! The threads of an engine. Each takes steps of jobs (tokenize a range, compute a batch) from one queue, so that both
//! phases use every core and nothing spins: a worker without work sleeps on a condition variable.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::backend::{Backend, BackendFactory};
use super::job::{Job, Plan};
use crate::error::{Error, ErrorKind, Result};
use crate::tokenizer::Tokenizer;

/// Steps that have to wait before a worker loads a model of its own. To load all-MiniLM-L6-v2 takes as long as to
/// compute five full batches, and larger models keep about that proportion; a lone text never waits for a second copy.
const BATCHES_WORTH_A_MODEL: usize = 8;

enum Step {
    Tokenize(Arc<Job>, Range<usize>),
    Run(Arc<Job>, Vec<usize>),
}

impl Step {
    fn job(&self) -> &Arc<Job> {
        match self {
            Self::Tokenize(job, _) | Self::Run(job, _) => job,
        }
    }
}

#[derive(Default)]
struct Queue {
    /// Steps of single texts: somebody waits for each.
    urgent: VecDeque<Step>,
    bulk: VecDeque<Step>,
    closing: bool,
}

impl Queue {
    /// The next step for a worker. One without a model leaves batches to those that have one, while they are few: the
    /// first worker always has one, so none waits for ever.
    fn take(&mut self, loaded: bool) -> Option<Step> {
        let may_run = loaded || self.urgent.len() + self.bulk.len() >= BATCHES_WORTH_A_MODEL;
        [&mut self.urgent, &mut self.bulk]
            .into_iter()
            .find_map(|lane| lane.pop_front_if(|step| may_run || matches!(step, Step::Tokenize(..))))
    }
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    tokenizer: Tokenizer,
    plan: Plan,
    factory: Arc<dyn BackendFactory>,
}

/// An engine's threads and the queue they work on.
pub(super) struct Workers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    /// Starts `count` threads. The first loads its model before this returns, so that a model that cannot be loaded is
    /// known at once; the others load theirs when there is work for them.
    ///
    /// The tokenizer is read meanwhile: 25 ms that a single text in a fresh process would wait for otherwise.
    pub fn start(
        count: usize,
        tokenizer: impl FnOnce() -> Result<Tokenizer>,
        plan: Plan,
        factory: Arc<dyn BackendFactory>,
    ) -> Result<Self> {
        let (report, loaded) = sync_channel(1);
        let (begin, shared) = sync_channel::<Arc<Shared>>(1);
        let first_factory = Arc::clone(&factory);
        let first = spawn(0, move || {
            let mut backend = None;
            let result = guard(|| first_factory.create()).map(|loaded| backend = Some(loaded));
            // `start` waits for exactly this message.
            let _ = report.send(result);
            // Without an engine to work for, the thread ends here.
            if let Ok(shared) = shared.recv() {
                shared.work(backend);
            }
        })?;
        let tokenizer = guard(tokenizer);
        let loaded =
            loaded.recv().unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the first worker ended early")));
        let tokenizer = match tokenizer.and_then(|tokenizer| loaded.map(|()| tokenizer)) {
            Ok(tokenizer) => tokenizer,
            Err(error) => {
                // What the thread has loaded is gone before the caller knows.
                drop(begin);
                let _ = first.join();
                return Err(error);
            }
        };

        let shared = Arc::new(Shared { queue: Mutex::default(), wake: Condvar::new(), tokenizer, plan, factory });
        let workers = Self { shared: Arc::clone(&shared), threads: Mutex::new(vec![first]) };
        // The first worker is at this channel's other end, or has sent a report that was returned above.
        let _ = begin.send(shared);
        for index in 1..count {
            let shared = Arc::clone(&workers.shared);
            workers.lock_threads().push(spawn(index, move || shared.work(None))?);
        }
        Ok(workers)
    }

    /// Queues a job.
    pub fn submit(&self, job: Job) {
        let job = Arc::new(job);
        let steps = job.start();
        self.shared.push(&job, steps.into_iter().map(|range| Step::Tokenize(Arc::clone(&job), range)));
    }

    /// Fails what waits and lets the threads end.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Returns when the threads of a closed engine have ended.
    pub fn wait(&self) {
        let own = std::thread::current().id();
        for thread in std::mem::take(&mut *self.lock_threads()) {
            // A callback may drop the last handle to its own engine, on a worker: that one cannot wait for itself.
            if thread.thread().id() != own {
                // Its panics were caught and answered; there is nothing left to say here.
                let _ = thread.join();
            }
        }
    }

    fn lock_threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
        self.wait();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: &Arc<Job>, steps: impl Iterator<Item = Step>) {
        let mut queue = self.lock();
        if queue.closing {
            drop(queue);
            job.fail(closed());
            return;
        }
        let lane = if job.is_urgent() { &mut queue.urgent } else { &mut queue.bulk };
        lane.extend(steps);
        drop(queue);
        self.wake.notify_all();
    }

    fn close(&self) {
        let steps: Vec<Step> = {
            let mut queue = self.lock();
            queue.closing = true;
            let queue = &mut *queue;
            queue.urgent.drain(..).chain(queue.bulk.drain(..)).collect()
        };
        self.wake.notify_all();
        for step in steps {
            step.job().fail(closed());
        }
    }

    fn next(&self, loaded: bool) -> Option<Step> {
        let mut queue = self.lock();
        loop {
            if queue.closing {
                return None;
            }
            if let Some(step) = queue.take(loaded) {
                return Some(step);
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self, mut backend: Option<Box<dyn Backend>>) {
        let mut scratch = Vec::new();
        while let Some(step) = self.next(backend.is_some()) {
            let job = Arc::clone(step.job());
            if let Err(error) = guard(|| self.take(step, &mut backend, &mut scratch)) {
                job.fail(error);
            }
        }
        // Jobs that this worker had begun and others were to finish end with the engine.
    }

    fn take(&self, step: Step, backend: &mut Option<Box<dyn Backend>>, scratch: &mut Vec<f32>) -> Result<()> {
        match step {
            Step::Tokenize(job, range) => {
                let batches = job.tokenize(&self.tokenizer, range, &self.plan);
                self.push(&job, batches.into_iter().map(|rows| Step::Run(Arc::clone(&job), rows)));
            }
            Step::Run(job, rows) => {
                let backend = match backend {
                    Some(backend) => backend,
                    None => backend.insert(self.factory.create()?),
                };
                job.run(backend.as_mut(), &rows, self.tokenizer.pad_id(), &self.plan, scratch);
            }
        }
        Ok(())
    }
}

fn spawn(index: usize, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("patina-embed-{index}")).spawn(work).map_err(|source| {
        Error::new(ErrorKind::RuntimeFailed, "a worker thread could not be started").with_source(source)
    })
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the engine was closed; open a new one")
}

/// Turns a panic of a worker into an error of its job: a defect in one call must not end the engine.
fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        Err(Error::new(ErrorKind::Internal, format!("a worker panicked: {what}; please report this")))
    })
}

#[cfg(test)]
mod tests;
