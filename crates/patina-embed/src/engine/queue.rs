//! What waits to be done in an engine, and in which order: single texts first, then jobs in turn, one step each.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::job::Job;

/// A piece of a job that one worker does at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Tokenize these texts.
    Tokenize(Range<usize>),
    /// Compute these texts as one batch.
    Run {
        /// Indices of the texts.
        rows: Vec<usize>,
        /// Memory that the run takes at most.
        bytes: u64,
    },
}

impl Work {
    fn bytes(&self) -> u64 {
        match self {
            Self::Tokenize(_) => 0,
            Self::Run { bytes, .. } => *bytes,
        }
    }
}

/// Which steps a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Single texts only.
    Express,
    /// Everything, and single texts first where the express worker is computing one already.
    All,
}

/// The steps that wait, and the memory that those have which run.
#[derive(Default)]
pub(super) struct Queue {
    express: VecDeque<(Arc<Job>, Work)>,
    /// Each job's steps in their order; jobs take turns, so that a small one does not wait for all of a large one.
    jobs: VecDeque<(Arc<Job>, VecDeque<Work>)>,
    memory: u64,
    reserved: u64,
    /// Whether the express worker is computing. While it is not, single texts are left to it: it has the handle that is
    /// made for them.
    express_busy: bool,
    closing: bool,
}

impl Queue {
    /// A queue whose running steps together take at most `memory` bytes.
    pub fn new(memory: u64) -> Self {
        Self { memory, ..Self::default() }
    }

    /// Adds steps of a job.
    pub fn push(&mut self, job: &Arc<Job>, work: impl Iterator<Item = Work>) {
        if job.is_single() {
            self.express.extend(work.map(|work| (Arc::clone(job), work)));
            return;
        }
        if let Some((_, waiting)) = self.jobs.iter_mut().find(|(waiting, _)| Arc::ptr_eq(waiting, job)) {
            waiting.extend(work);
            return;
        }
        let work: VecDeque<Work> = work.collect();
        if !work.is_empty() {
            self.jobs.push_back((Arc::clone(job), work));
        }
    }

    /// Whether a worker of this lane would get a step.
    pub fn has(&self, lane: Lane) -> bool {
        self.next(lane).is_some_and(|work| self.fits(work))
    }

    /// The next step, with its memory reserved until [`Queue::release`].
    pub fn take(&mut self, lane: Lane) -> Option<(Arc<Job>, Work)> {
        if !self.has(lane) {
            return None;
        }
        let step = if let Some(step) = self.takes_express(lane).then(|| self.express.pop_front()).flatten() {
            step
        } else {
            let (job, mut waiting) = self.jobs.pop_front()?;
            let work = waiting.pop_front()?;
            if !waiting.is_empty() {
                self.jobs.push_back((Arc::clone(&job), waiting));
            }
            (job, work)
        };
        self.reserved += step.1.bytes();
        Some(step)
    }

    /// Whether the express worker has its hands full, so that others see to further single texts.
    pub fn set_express_busy(&mut self, busy: bool) {
        self.express_busy = busy;
    }

    /// Gives back the memory of a step that has ended.
    pub fn release(&mut self, bytes: u64) {
        self.reserved -= bytes;
    }

    /// Forgets what waits of a job that is over.
    pub fn forget(&mut self, job: &Arc<Job>) {
        self.express.retain(|(waiting, _)| !Arc::ptr_eq(waiting, job));
        self.jobs.retain(|(waiting, _)| !Arc::ptr_eq(waiting, job));
    }

    /// Takes no more steps and gives back the jobs that wait.
    pub fn close(&mut self) -> Vec<Arc<Job>> {
        self.closing = true;
        let single = self.express.drain(..).map(|(job, _)| job);
        single.chain(self.jobs.drain(..).map(|(job, _)| job)).collect()
    }

    /// Whether the engine was closed.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    fn next(&self, lane: Lane) -> Option<&Work> {
        let express = self.express.front().map(|(_, work)| work);
        let jobs = || self.jobs.front().and_then(|(_, waiting)| waiting.front());
        match lane {
            Lane::Express => express,
            Lane::All if self.takes_express(lane) => express.or_else(jobs),
            // A single text that waits for memory holds back what would take the memory from it.
            Lane::All => match express {
                Some(single) if !self.fits(single) => None,
                _ => jobs(),
            },
        }
    }

    fn takes_express(&self, lane: Lane) -> bool {
        lane == Lane::Express || self.express_busy
    }

    /// Every step fits an idle engine: what does not was refused when it was planned.
    fn fits(&self, work: &Work) -> bool {
        self.reserved == 0 || self.reserved + work.bytes() <= self.memory
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::options::AbortFlag;
    use crate::prompt::Prompt;

    fn job(texts: usize) -> Arc<Job> {
        let texts = vec![String::new(); texts];
        Arc::new(Job::new(texts, Prompt::default(), 1, AbortFlag::default(), None, Box::new(|_| {})))
    }

    fn run(row: usize, bytes: u64) -> Work {
        Work::Run { rows: vec![row], bytes }
    }

    fn rows(queue: &mut Queue, lane: Lane) -> Vec<usize> {
        std::iter::from_fn(|| queue.take(lane))
            .map(|(_, work)| if let Work::Run { rows, .. } = work { rows[0] } else { 99 })
            .collect()
    }

    #[test]
    fn single_texts_go_first_and_jobs_take_turns() {
        let mut queue = Queue::new(100);
        queue.push(&job(9), (10..13).map(|row| run(row, 0)));
        queue.push(&job(9), (20..22).map(|row| run(row, 0)));
        queue.push(&job(1), std::iter::once(run(1, 0)));
        queue.set_express_busy(true);
        assert_eq!(rows(&mut queue, Lane::All), [1, 10, 20, 11, 21, 12]);
    }

    #[test]
    fn a_single_text_is_left_to_the_express_worker_while_that_is_free() {
        let mut queue = Queue::new(100);
        queue.push(&job(9), std::iter::once(run(10, 0)));
        queue.push(&job(1), std::iter::once(run(1, 0)));
        assert_eq!(rows(&mut queue, Lane::All), [10]);
        assert_eq!(rows(&mut queue, Lane::Express), [1]);
    }

    #[test]
    fn the_express_lane_has_single_texts_only() {
        let mut queue = Queue::new(100);
        queue.push(&job(2), std::iter::once(run(10, 0)));
        assert!(!queue.has(Lane::Express));
        queue.push(&job(1), std::iter::once(run(1, 0)));
        assert_eq!(rows(&mut queue, Lane::Express), [1]);
        assert_eq!(rows(&mut queue, Lane::All), [10]);
    }

    #[test]
    fn steps_run_together_only_as_far_as_memory_goes() {
        let mut queue = Queue::new(100);
        queue.push(&job(3), [run(10, 60), run(11, 60), run(12, 30)].into_iter());
        assert_eq!(rows(&mut queue, Lane::All), [10], "the next one waits, and nothing overtakes it");
        queue.release(60);
        assert_eq!(rows(&mut queue, Lane::All), [11, 12]);
    }

    #[test]
    fn a_single_text_that_waits_for_memory_is_not_overtaken() {
        let mut queue = Queue::new(100);
        let other = job(2);
        queue.push(&other, [run(10, 60), run(11, 10)].into_iter());
        assert!(queue.take(Lane::All).is_some());
        queue.push(&job(1), std::iter::once(run(1, 80)));
        assert!(queue.take(Lane::All).is_none());
        queue.release(60);
        assert_eq!(rows(&mut queue, Lane::Express), [1]);
        assert_eq!(rows(&mut queue, Lane::All), [11]);
    }

    #[test]
    fn a_forgotten_job_leaves_the_others() {
        let mut queue = Queue::new(100);
        let (gone, stays) = (job(2), job(2));
        queue.push(&gone, (10..12).map(|row| run(row, 0)));
        queue.push(&stays, (20..22).map(|row| run(row, 0)));
        queue.forget(&gone);
        assert_eq!(rows(&mut queue, Lane::All), [20, 21]);
    }
}
