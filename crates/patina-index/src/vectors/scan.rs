//! One pass over all records: which rows may be among the best, and which cannot.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use patina_similarity::Best;

use super::bounds::{Bounds, Query};
use super::record::{Record, size};

/// Bytes of records that a thread takes at once.
const BLOCK: usize = 256 << 10;

/// Records of fewer bytes than this, for each thread, are read before a thread would be started.
const WORTH_A_THREAD: usize = 2 << 20;

/// Candidates up to which none is thrown away.
const FEW: usize = 1 << 10;

/// A row that may be among the best.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub row: u32,
    /// Its score is not above this.
    pub upper: f32,
}

/// What is read, and how.
pub(super) struct Scan<'a> {
    pub records: &'a [u8],
    pub query: &'a Query<'a>,
    pub k: usize,
    /// One byte a row; a row whose byte is 0 is left out before its record is looked at.
    pub allowed: Option<&'a [u8]>,
    pub threads: NonZeroUsize,
}

impl Scan<'_> {
    /// Every row that may be among the best `k`. A row is left out only where `k` others are known to score higher.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let most = self.records.len().div_ceil(WORTH_A_THREAD).max(1);
        let next = AtomicUsize::new(0);
        let mut parts = thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads.get().min(most))
                // Where no thread can be had the blocks are left to those that are there.
                .map_while(|_| thread::Builder::new().spawn_scoped(scope, || self.work(&next)).ok())
                .collect();
            let mut parts = vec![self.work(&next)];
            for other in others {
                match other.join() {
                    Ok(part) => parts.push(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            parts
        });
        let mut found = parts.swap_remove(0);
        for part in parts {
            found.add(part);
        }
        found.prune();
        found.candidates
    }

    /// Takes blocks until none is left.
    fn work(&self, next: &AtomicUsize) -> Part {
        let size = size(self.query.numbers.len());
        let block_rows = (BLOCK / size).max(1);
        let mut part = Part::new(self.k);
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            let Some(records) = self.records.chunks(block_rows * size).nth(block) else { return part };
            for (index, record) in records.chunks_exact(size).enumerate() {
                let row = block * block_rows + index;
                if self.allowed.is_some_and(|allowed| allowed.get(row).is_none_or(|&byte| byte == 0)) {
                    continue;
                }
                part.offer(row as u32, self.query.bounds(Record::read(record)));
            }
        }
    }
}

/// What a thread found.
struct Part {
    /// By their lower bounds.
    best: Best,
    candidates: Vec<Candidate>,
    /// Number of candidates at which the next look is taken at which of them are still some.
    full: usize,
}

impl Part {
    fn new(k: usize) -> Self {
        Self { best: Best::new(k), candidates: Vec::new(), full: FEW }
    }

    fn offer(&mut self, row: u32, Bounds { lower, upper }: Bounds) {
        if self.best.threshold().is_some_and(|threshold| upper < threshold) {
            return;
        }
        self.best.offer(row, lower);
        self.candidates.push(Candidate { row, upper });
        if self.candidates.len() >= self.full {
            self.prune();
            self.full = (2 * self.candidates.len()).max(FEW);
        }
    }

    fn prune(&mut self) {
        if let Some(threshold) = self.best.threshold() {
            self.candidates.retain(|candidate| candidate.upper >= threshold);
        }
    }

    fn add(&mut self, other: Self) {
        for scored in other.best.into_sorted() {
            self.best.offer(scored.row, scored.score);
        }
        self.candidates.extend(other.candidates);
    }
}
