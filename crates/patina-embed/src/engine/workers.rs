//! The threads of an engine. Each takes steps of jobs (tokenize a range, compute a batch) from one queue, so that both
//! phases use every core and nothing spins: a worker without work sleeps on a condition variable.
//!
//! One thread more than the engine has workers takes nothing but single texts. A query then never waits for a batch to
//! end; the operating system lets it run beside the batches for the milliseconds that it takes. From the third on it
//! computes with all threads of the engine, where the backend has a handle for that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

use super::backend::{Backend, BackendFactory, Brake};
use super::count::count_tokens;
use super::job::{Job, Plan};
use super::queue::{Lane, Queue, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::options::AbortListener;
use crate::threads::Budget;
use crate::tokenizer::Tokenizer;

/// After so many single texts the express worker opens its wide handle: more are to be expected then, and a program that
/// embeds one text and ends has not waited for it.
const OPENS_WIDE_AFTER: usize = 2;

pub(super) struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    tokenizer: Tokenizer,
    plan: Plan,
    factory: Arc<dyn BackendFactory>,
    budget: &'static Budget,
    /// What each thread is running.
    running: Vec<Mutex<Option<Running>>>,
}

/// A batch that is being computed.
struct Running {
    job: Arc<Job>,
    brake: Arc<dyn Brake>,
}

/// An engine's threads and the queue they work on.
pub(super) struct Workers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    /// Starts the plan's threads and the one for single texts. The first loads the model before this returns, so that
    /// one that cannot be loaded is known at once; the others take their handle to it when there is work for them.
    ///
    /// The tokenizer is read meanwhile: 25 ms that a single text in a fresh process would wait for otherwise.
    pub fn start(
        tokenizer: impl FnOnce() -> Result<Tokenizer>,
        plan: Plan,
        factory: Arc<dyn BackendFactory>,
        budget: &'static Budget,
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
                shared.work(0, Lane::All, backend);
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

        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(plan.memory)),
            wake: Condvar::new(),
            tokenizer,
            plan,
            factory,
            budget,
            running: (0..=plan.workers).map(|_| Mutex::default()).collect(),
        });
        let workers = Self { shared: Arc::clone(&shared), threads: Mutex::new(vec![first]) };
        // The first worker is at this channel's other end, or has sent a report that was returned above.
        let _ = begin.send(shared);
        for index in 1..=plan.workers {
            let shared = Arc::clone(&workers.shared);
            let lane = if index == plan.workers { Lane::Express } else { Lane::All };
            workers.lock_threads().push(spawn(index, move || shared.work(index, lane, None))?);
        }
        Ok(workers)
    }

    /// Queues a job.
    pub fn submit(&self, job: Job) {
        let job = Arc::new(job);
        let steps = job.start();
        let is_empty = steps.is_empty();
        job.listen(Arc::new(Abort { job: Arc::downgrade(&job), shared: Arc::downgrade(&self.shared) }));
        self.shared.push(&job, steps.into_iter());
        if is_empty {
            // A closed engine and a caller that aborted have answered it already.
            job.answer();
        }
    }

    /// The tokens of each text, before anything is cut or put around it.
    pub fn count_tokens(&self, texts: &[&str]) -> Result<Vec<u32>> {
        count_tokens(&self.shared, texts)
    }

    /// Fails what waits and what runs, and lets the threads end.
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
        lock(&self.threads)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
        self.wait();
    }
}

/// Ends a job whose caller aborts.
struct Abort {
    job: Weak<Job>,
    shared: Weak<Shared>,
}

impl AbortListener for Abort {
    fn on_abort(&self) {
        if let (Some(job), Some(shared)) = (self.job.upgrade(), self.shared.upgrade()) {
            shared.end(&job, Error::aborted());
        }
    }
}

impl Shared {
    fn push(&self, job: &Arc<Job>, work: impl Iterator<Item = Work>) {
        let mut queue = lock(&self.queue);
        if queue.is_closing() {
            drop(queue);
            job.fail(Error::closed());
            return;
        }
        // A job that ended before this has had its steps forgotten: none may come after.
        if job.is_over() {
            return;
        }
        queue.push(job, work);
        drop(queue);
        self.wake.notify_all();
    }

    /// Answers a job with an error, forgets what waits of it and stops what runs of it.
    fn end(&self, job: &Arc<Job>, error: Error) {
        job.fail(error);
        self.forget(job);
        self.stop(|running| Arc::ptr_eq(running, job));
    }

    /// What stood behind the job's steps may fit now.
    fn forget(&self, job: &Arc<Job>) {
        lock(&self.queue).forget(job);
        self.wake.notify_all();
    }

    /// Counts the tokens of some of a call's texts, of which `first` is the index of the first.
    pub fn count_step(&self, first: usize, texts: &[&str]) -> Result<Vec<u32>> {
        let Some(_permit) = self.budget.acquire(1, || self.is_closing()) else { return Err(Error::closed()) };
        let count = |(row, text): (usize, &&str)| {
            guard(|| self.tokenizer.count(text)).map_err(|error| error.with_index(first + row))
        };
        texts.iter().enumerate().map(count).collect()
    }

    /// Whether the engine was closed.
    pub fn is_closing(&self) -> bool {
        lock(&self.queue).is_closing()
    }

    fn stop(&self, which: impl Fn(&Arc<Job>) -> bool) {
        for running in &self.running {
            // Under the lock, so that the run cannot end and another begin between the look and the brake.
            if let Some(running) = &*lock(running)
                && which(&running.job)
            {
                running.brake.pull();
            }
        }
    }

    fn close(&self) {
        let waiting = lock(&self.queue).close();
        self.wake.notify_all();
        self.budget.wake_all();
        for job in waiting {
            job.fail(Error::closed());
        }
        for running in &self.running {
            let job = lock(running).as_ref().map(|running| Arc::clone(&running.job));
            if let Some(job) = job {
                job.fail(Error::closed());
            }
        }
        self.stop(|_| true);
    }

    /// Sleeps until there is a step for this lane; false once the engine is closed.
    fn wait_for_work(&self, lane: Lane) -> bool {
        let mut queue = lock(&self.queue);
        loop {
            if queue.is_closing() {
                return false;
            }
            if queue.has(lane) {
                return true;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self, index: usize, lane: Lane, mut backend: Option<Box<dyn Backend>>) {
        let mut scratch = Vec::new();
        let mut singles = 0;
        while self.wait_for_work(lane) {
            // Single texts go beside the batches of all engines, not after them.
            let permit = match lane {
                Lane::Express => None,
                Lane::All => match self.budget.acquire(self.plan.threads_a_run, || lock(&self.queue).is_closing()) {
                    Some(permit) => Some(permit),
                    None => return,
                },
            };
            let Some((job, work)) = self.take_step(lane) else { continue };
            let bytes = if let Work::Run { bytes, .. } = &work { *bytes } else { 0 };
            singles += usize::from(lane == Lane::Express && matches!(work, Work::Run { .. }));
            if let Err(error) = guard(|| self.do_step(index, &job, work, &mut backend, &mut scratch)) {
                job.fail(error);
            }
            drop(permit);
            if bytes > 0 {
                lock(&self.queue).release(bytes);
                self.wake.notify_all();
            }
            if job.is_over() {
                self.forget(&job);
            }
            drop(job);
            if lane == Lane::Express {
                if singles == OPENS_WIDE_AFTER {
                    // Once: whether there is one does not change.
                    singles += 1;
                    self.widen(&mut backend);
                }
                lock(&self.queue).set_express_busy(false);
            }
        }
    }

    fn take_step(&self, lane: Lane) -> Option<(Arc<Job>, Work)> {
        let mut queue = lock(&self.queue);
        let step = queue.take(lane)?;
        // Tokenizing is over before another worker would have woken up.
        if lane == Lane::Express && matches!(step.1, Work::Run { .. }) {
            queue.set_express_busy(true);
            drop(queue);
            self.wake.notify_all();
        }
        Some(step)
    }

    /// Exchanges the handle for the wide one, if there is one. After a panic, which its hook has printed, the other stays.
    fn widen(&self, backend: &mut Option<Box<dyn Backend>>) {
        if let Ok(Some(wide)) = guard(|| Ok(self.factory.create_wide())) {
            *backend = Some(wide);
        }
    }

    fn do_step(
        &self,
        index: usize,
        job: &Arc<Job>,
        work: Work,
        backend: &mut Option<Box<dyn Backend>>,
        scratch: &mut Vec<f32>,
    ) -> Result<()> {
        match work {
            Work::Tokenize(range) => {
                let batches = job.tokenize(&self.tokenizer, range, &self.plan, self.factory.as_ref());
                self.push(job, batches.into_iter());
            }
            Work::Run { rows, .. } => {
                let backend = match backend {
                    Some(backend) => backend,
                    None => backend.insert(self.factory.create()?),
                };
                let running = Running { job: Arc::clone(job), brake: backend.brake() };
                let _stoppable = Stoppable::new(&self.running[index], running);
                // Closed between the queue and here: nobody saw that this batch was about to run.
                if lock(&self.queue).is_closing() {
                    job.fail(Error::closed());
                }
                job.run(backend.as_mut(), &rows, self.tokenizer.pad_id(), &self.plan, scratch);
            }
        }
        Ok(())
    }
}

/// For as long as it lives, the batch of this thread can be stopped by others.
struct Stoppable<'slot>(&'slot Mutex<Option<Running>>);

impl<'slot> Stoppable<'slot> {
    fn new(slot: &'slot Mutex<Option<Running>>, running: Running) -> Self {
        *lock(slot) = Some(running);
        Self(slot)
    }
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        let mut slot = lock(self.0);
        // Pulled for this batch, it must not stop the next one.
        if let Some(running) = slot.take() {
            running.brake.release();
        }
    }
}

/// What a lock guards stays usable after a panic: each was caught and failed its job.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spawn(index: usize, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(format!("patina-embed-{index}")).spawn(work).map_err(|source| {
        Error::new(ErrorKind::RuntimeFailed, "a worker thread could not be started").with_source(source)
    })
}

/// Turns a panic of a worker into an error of its job: a defect in one call must not end the engine.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
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
