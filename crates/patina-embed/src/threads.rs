//! How many threads of this process compute at the same time, over all engines: two engines on one machine share its
//! cores instead of each taking all of them.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// The cores this process may use, as they were when it was first asked: what [`set_limit`] replaces.
#[must_use]
pub fn cores() -> usize {
    // The system reads files for the answer, and it is needed at every step.
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

/// Lets at most `count` worker threads of this process compute at once, whatever the number of its engines. An engine
/// opened later has no more workers than that. Without a limit there are as many as [`cores`].
pub fn set_limit(count: NonZeroUsize) {
    BUDGET.lock().limit = Some(count.get());
    BUDGET.wake_all();
}

/// The number of worker threads that may compute at once.
#[must_use]
pub fn limit() -> usize {
    BUDGET.lock().limit()
}

pub(crate) static BUDGET: Budget = Budget::new(None);

/// Permits to compute.
pub(crate) struct Budget {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    limit: Option<usize>,
    taken: usize,
    /// Who waits, in the order of their coming: a permit goes to the first, not to whoever gave it back a moment ago.
    waiting: VecDeque<u64>,
    next_ticket: u64,
}

impl State {
    fn limit(&self) -> usize {
        self.limit.unwrap_or_else(cores)
    }
}

impl Budget {
    const fn new(limit: Option<usize>) -> Self {
        let state = State { limit, taken: 0, waiting: VecDeque::new(), next_ticket: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// One beside the process's own.
    #[cfg(test)]
    pub const fn with_limit(limit: usize) -> Self {
        Self::new(Some(limit))
    }

    /// Waits for permission to compute with `threads` threads, or with all there are where the limit is lower, or for
    /// `gives_up` to be true, which is looked at whenever [`Budget::wake_all`] is called.
    pub fn acquire(&self, threads: usize, gives_up: impl Fn() -> bool) -> Option<Permit<'_>> {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(ticket);
        loop {
            let gives_up = gives_up();
            let is_first = state.waiting.front() == Some(&ticket);
            let threads = threads.min(state.limit());
            if gives_up || (is_first && state.taken + threads <= state.limit()) {
                state.waiting.retain(|&other| other != ticket);
                if !gives_up {
                    state.taken += threads;
                }
                drop(state);
                // Who is first now may find another permit.
                self.changed.notify_all();
                return (!gives_up).then(|| Permit { budget: self, threads });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has those who wait look again.
    pub fn wake_all(&self) {
        // Under the lock, so that nobody is between looking and waiting.
        let state = self.lock();
        self.changed.notify_all();
        drop(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission to compute with so many threads, until it is dropped.
pub(crate) struct Permit<'budget> {
    budget: &'budget Budget,
    threads: usize,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.budget.lock().taken -= self.threads;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    #[test]
    fn no_more_than_the_limit_compute_at_once() {
        let budget = Budget::with_limit(2);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let permit = budget.acquire(1, || false).unwrap();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        assert_eq!(budget.lock().taken, 0);
    }

    #[test]
    fn who_wants_all_threads_gets_them_in_its_turn() {
        let budget = Budget::with_limit(2);
        let held = budget.acquire(1, || false).unwrap();
        std::thread::scope(|scope| {
            let all = scope.spawn(|| budget.acquire(9, || false).unwrap());
            while budget.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            // One is free and not given away past the one who waits for two.
            let one = scope.spawn(|| drop(budget.acquire(1, || false)));
            while budget.lock().waiting.len() < 2 {
                std::thread::yield_now();
            }
            assert_eq!(budget.lock().taken, 1);
            drop(held);
            let all = all.join().unwrap();
            assert_eq!(budget.lock().taken, 2);
            drop(all);
            one.join().unwrap();
        });
        assert_eq!(budget.lock().taken, 0);
    }

    #[test]
    fn a_permit_goes_to_who_has_waited_longest() {
        let budget = Budget::with_limit(1);
        let held = budget.acquire(1, || false).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(budget.acquire(1, || false)));
            while budget.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            drop(held);
            // Whoever comes back at once is behind the one that waits, which is therefore served by now.
            drop(budget.acquire(1, || false).unwrap());
            assert!(budget.lock().waiting.is_empty());
            waiting.join().unwrap();
        });
    }

    #[test]
    fn who_gives_up_does_not_wait_for_ever() {
        let budget = Budget::with_limit(1);
        let held = budget.acquire(1, || false).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.acquire(1, || over.load(Ordering::SeqCst)).is_none());
            over.store(true, Ordering::SeqCst);
            budget.wake_all();
            assert!(waiting.join().unwrap());
        });
        drop(held);
    }
}
