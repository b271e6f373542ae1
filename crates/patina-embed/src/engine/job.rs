//! One call on its way through the workers: texts, then token ids, then vectors, then the caller's answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::backend::{Backend, BackendFactory};
use super::queue::Work;
use crate::batch::{PaddedBatch, plan};
use crate::embeddings::Embeddings;
use crate::error::{Error, ErrorKind, Result};
use crate::options::{AbortFlag, AbortListener};
use crate::pooling::finish;
use crate::prompt::Prompt;
use crate::tokenizer::{Tokenizer, Tokens};

/// Called once with the end of a job.
pub(super) type OnDone = Box<dyn FnOnce(Result<Embeddings>) + Send>;
/// Called with the number of texts that are done.
pub(super) type OnProgress = Box<dyn Fn(usize) + Send + Sync>;

/// How an engine treats every job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Padded tokens a batch may have.
    pub token_budget: usize,
    /// One text a run.
    pub exact: bool,
    /// Numbers that a pooled vector has to have.
    pub pooled_width: usize,
    /// Whether vectors are brought to unit length.
    pub normalize: bool,
    /// Bytes that running batches may take together.
    pub memory: u64,
    /// Batches that run at once.
    pub workers: usize,
    /// Threads that each of them takes.
    pub threads_a_run: usize,
}

/// A call. Workers take its steps in any order; the one that does the last step answers the caller.
pub(super) struct Job {
    texts: Vec<String>,
    prompt: Prompt,
    dimension: usize,
    abort: AbortFlag,
    on_progress: Option<OnProgress>,
    /// Kept here for as long as the job lives: a flag holds those that listen to it weakly.
    listener: OnceLock<Arc<dyn AbortListener>>,
    /// The most that `on_progress` was told; held while it is called, so that what it hears only grows.
    told: Mutex<usize>,
    state: Mutex<State>,
}

struct State {
    tokens: Vec<Option<Tokens>>,
    /// Steps of the current phase that nobody has finished.
    open_steps: usize,
    done: usize,
    vectors: Embeddings,
    /// Taken by whoever answers; `None` from then on.
    on_done: Option<OnDone>,
}

impl Job {
    pub fn new(
        texts: Vec<String>,
        prompt: Prompt,
        dimension: usize,
        abort: AbortFlag,
        on_progress: Option<OnProgress>,
        on_done: OnDone,
    ) -> Self {
        let rows = texts.len();
        let state = State {
            tokens: vec![None; rows],
            open_steps: 0,
            done: 0,
            vectors: Embeddings::zeroed(rows, dimension),
            on_done: Some(on_done),
        };
        Self {
            texts,
            prompt,
            dimension,
            abort,
            on_progress,
            listener: OnceLock::new(),
            told: Mutex::new(0),
            state: Mutex::new(state),
        }
    }

    /// Has `listener` told when the caller aborts, which may be at once.
    pub fn listen(&self, listener: Arc<impl AbortListener + 'static>) {
        self.abort.listen(&listener);
        // A job is submitted once.
        let _ = self.listener.set(listener);
    }

    /// A single text is somebody waiting for an answer; it goes before the batches of longer jobs.
    pub fn is_single(&self) -> bool {
        self.texts.len() == 1
    }

    /// The first phase, tokenizing; nothing for a job without texts.
    pub fn start(&self) -> Vec<Work> {
        // Large enough that taking a step from the queue costs nothing, small enough to share among workers.
        const TEXTS_A_STEP: usize = 32;
        let count = self.texts.len();
        let steps: Vec<Work> = (0..count)
            .step_by(TEXTS_A_STEP)
            .map(|start| Work::Tokenize(start..(start + TEXTS_A_STEP).min(count)))
            .collect();
        self.lock().open_steps = steps.len();
        steps
    }

    /// Tokenizes a range; the worker that finishes the last one gets the batches of the second phase.
    pub fn tokenize(
        &self,
        tokenizer: &Tokenizer,
        range: std::ops::Range<usize>,
        settings: &Plan,
        model: &dyn BackendFactory,
    ) -> Vec<Work> {
        let mut tokens = Vec::with_capacity(range.len());
        for index in range.clone() {
            if self.is_over() {
                return Vec::new();
            }
            match tokenizer.encode(&self.prompt.render(&self.texts[index])) {
                Ok(encoded) => tokens.push(encoded),
                Err(error) => {
                    self.fail(error.with_index(index));
                    return Vec::new();
                }
            }
        }
        let mut state = self.lock();
        for (index, encoded) in range.zip(tokens) {
            state.tokens[index] = Some(encoded);
        }
        state.open_steps -= 1;
        if state.open_steps > 0 {
            return Vec::new();
        }
        let lengths: Vec<usize> =
            state.tokens.iter().map(|tokens| tokens.as_ref().map_or(0, |tokens| tokens.ids.len())).collect();
        match batches(&lengths, settings, model) {
            Ok(batches) => {
                state.open_steps = batches.len();
                batches
            }
            Err(error) => {
                drop(state);
                self.fail(error);
                Vec::new()
            }
        }
    }

    /// Computes one batch; the worker that finishes the last one answers the caller.
    pub fn run(&self, backend: &mut dyn Backend, rows: &[usize], pad_id: u32, settings: &Plan, scratch: &mut Vec<f32>) {
        if self.is_over() {
            return;
        }
        let tokens: Vec<Tokens> = {
            let mut state = self.lock();
            rows.iter().filter_map(|&row| state.tokens[row].take()).collect()
        };
        match backend.run(&PaddedBatch::new(tokens.iter(), pad_id), scratch) {
            Ok(width) if width == settings.pooled_width => {}
            Ok(width) => {
                let what = format!(
                    "the model gives vectors of {width} numbers, and its entry says dimension = {}; correct the entry",
                    settings.pooled_width
                );
                return self.fail(Error::new(ErrorKind::SpecInvalid, what));
            }
            Err(error) => {
                // Only a batch of one says which text it was.
                return self.fail(if let [row] = rows { error.with_index(*row) } else { error });
            }
        }
        for (vector, &row) in scratch.chunks_exact_mut(settings.pooled_width).zip(rows) {
            if let Err(error) = finish(&mut vector[..self.dimension], settings.normalize) {
                return self.fail(error.with_index(row));
            }
        }
        let (done, last) = {
            let mut state = self.lock();
            for ((vector, &row), tokens) in scratch.chunks_exact(settings.pooled_width).zip(rows).zip(&tokens) {
                let (target, report) = state.vectors.row_mut(row);
                target.copy_from_slice(&vector[..self.dimension]);
                *report = tokens.report;
            }
            state.done += rows.len();
            state.open_steps -= 1;
            (state.done, state.open_steps == 0)
        };
        if let Some(on_progress) = &self.on_progress {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if done > *told {
                *told = done;
                on_progress(done);
            }
        }
        if last {
            self.answer();
        }
    }

    /// Ends the job with an error; the first one wins.
    pub fn fail(&self, error: Error) {
        let on_done = self.lock().on_done.take();
        if let Some(on_done) = on_done {
            tell(on_done, Err(error));
        }
    }

    /// Ends the job with its vectors, unless it is over.
    pub fn answer(&self) {
        let answer = {
            let mut state = self.lock();
            let vectors = std::mem::replace(&mut state.vectors, Embeddings::zeroed(0, self.dimension));
            state.on_done.take().map(|on_done| (on_done, vectors))
        };
        if let Some((on_done, vectors)) = answer {
            tell(on_done, Ok(vectors));
        }
    }

    /// True once the caller has its answer.
    pub fn is_over(&self) -> bool {
        self.lock().on_done.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A worker that panicked while it held the lock has been caught and fails its job; the state stays usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers the caller, whose panic is its own: it must not end a worker or keep others from their answers. The panic hook
/// has printed it.
fn tell(on_done: OnDone, answer: Result<Embeddings>) {
    let _ = catch_unwind(AssertUnwindSafe(|| on_done(answer)));
}

/// Texts in batches, each with the memory it takes. A batch is kept small enough for all workers to run one.
fn batches(lengths: &[usize], settings: &Plan, model: &dyn BackendFactory) -> Result<Vec<Work>> {
    let share = settings.memory / settings.workers as u64;
    let fits = |rows: usize, width: usize| {
        !settings.exact && rows * width <= settings.token_budget && model.run_bytes(rows, width) <= share
    };
    plan(lengths, fits)
        .into_iter()
        .map(|rows| {
            // The first row of a batch is its longest.
            let (index, width) = rows.first().map_or((0, 0), |&row| (row, lengths[row]));
            let bytes = model.run_bytes(rows.len(), width);
            if bytes <= settings.memory {
                return Ok(Work::Run { rows, bytes });
            }
            let what = format!(
                "text {index} of {width} tokens needs about {} MB to be embedded, and this engine may take {} MB; lower \
                 max_tokens in the model's entry, cut the text, or give the engine more memory",
                bytes.div_ceil(1_000_000),
                settings.memory / 1_000_000,
            );
            Err(Error::new(ErrorKind::InvalidInput, what).with_index(index))
        })
        .collect()
}
