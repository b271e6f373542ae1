//! Who loads a model, who computes, and what an abort or a close ends.

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::*;
use crate::batch::PaddedBatch;
use crate::options::{AbortFlag, Batching, SpecialTokens};
use crate::prompt::Prompt;

/// A model of one number a text, whose runs a test can hold.
#[derive(Default)]
struct Model {
    /// How often a handle to the model was taken.
    handles: AtomicUsize,
    /// Holds every run until as many run at once.
    together: Option<Arc<Barrier>>,
    /// Holds every run until it is stopped.
    endless: bool,
    begun: Arc<AtomicUsize>,
    /// Runs of the wide handle.
    wide: Arc<AtomicUsize>,
}

struct One {
    together: Option<Arc<Barrier>>,
    endless: bool,
    begun: Arc<AtomicUsize>,
    stop: Arc<Stop>,
}

#[derive(Default)]
struct Stop {
    pulled: Mutex<bool>,
    changed: Condvar,
}

impl Brake for Stop {
    fn pull(&self) {
        *lock(&self.pulled) = true;
        self.changed.notify_all();
    }

    fn release(&self) {
        *lock(&self.pulled) = false;
    }
}

impl Backend for One {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if let Some(together) = &self.together {
            together.wait();
        }
        if self.endless && batch.rows() > 0 && batch.width > 3 {
            let mut pulled = lock(&self.stop.pulled);
            while !*pulled {
                pulled = self.stop.changed.wait(pulled).unwrap_or_else(PoisonError::into_inner);
            }
            return Err(Error::new(ErrorKind::RuntimeFailed, "stopped"));
        }
        out.clear();
        out.resize(batch.rows(), 1.0);
        Ok(1)
    }

    fn brake(&self) -> Arc<dyn Brake> {
        Arc::clone(&self.stop) as _
    }
}

impl BackendFactory for Model {
    fn create(&self) -> Result<Box<dyn Backend>> {
        self.handles.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(One {
            together: self.together.clone(),
            endless: self.endless,
            begun: Arc::clone(&self.begun),
            stop: Arc::default(),
        }))
    }

    fn create_wide(&self) -> Option<Box<dyn Backend>> {
        Some(Box::new(One { together: None, endless: false, begun: Arc::clone(&self.wide), stop: Arc::default() }))
    }

    fn must_run_alone(&self, _: Batching) -> bool {
        true
    }

    fn run_bytes(&self, rows: usize, width: usize) -> u64 {
        (rows * width) as u64
    }
}

fn start(model: &Arc<Model>, threads: usize, memory: u64) -> Result<Workers> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bert-mean/tokenizer.json");
    let plan = Plan {
        token_budget: 512,
        exact: true,
        pooled_width: 1,
        normalize: false,
        memory,
        workers: threads,
        threads_a_run: 1,
    };
    let factory: Arc<dyn BackendFactory> = Arc::clone(model) as _;
    // One of its own: tests run side by side, and some hold every permit.
    let budget = Box::leak(Box::new(Budget::with_limit(threads)));
    Workers::start(|| Tokenizer::from_file(&file, 64, SpecialTokens::Follow), plan, factory, budget)
}

fn submit(workers: &Workers, texts: &[&str], abort: &AbortFlag) -> Receiver<Result<usize>> {
    let (sender, answer) = sync_channel(1);
    let on_done = Box::new(move |result: Result<crate::Embeddings>| {
        let _ = sender.send(result.map(|vectors| vectors.rows()));
    });
    let texts = texts.iter().map(|&text| text.to_owned()).collect();
    workers.submit(Job::new(texts, Prompt::default(), 1, abort.clone(), None, on_done));
    answer
}

fn embed(workers: &Workers, texts: &[&str]) -> Result<usize> {
    submit(workers, texts, &AbortFlag::default()).recv().map_err(|_| Error::closed())?
}

#[test]
fn single_texts_run_wide_after_the_second() -> Result<()> {
    let model = Arc::new(Model::default());
    let workers = start(&model, 2, 1000)?;
    let wide = || model.wide.load(Ordering::SeqCst);
    for _ in 0..2 {
        assert_eq!(embed(&workers, &["hello"])?, 1);
        assert_eq!(wide(), 0);
    }
    // While the express worker opens its wide handle, others see to single texts.
    let tries = (0..100_000).take_while(|_| wide() == 0 && embed(&workers, &["hello"]).is_ok()).count();
    assert_eq!(wide(), 1, "after {tries} more");
    // The engine's workers stay with their own.
    assert_eq!(embed(&workers, &["hello"; 64])?, 64);
    assert_eq!(wide(), 1);
    Ok(())
}

#[test]
fn many_texts_run_on_every_worker() -> Result<()> {
    let model = Arc::new(Model { together: Some(Arc::new(Barrier::new(2))), ..Model::default() });
    let workers = start(&model, 2, 1000)?;
    // Would wait for ever if one worker did them all.
    assert_eq!(embed(&workers, &["hello"; 64])?, 64);
    assert_eq!(model.handles.load(Ordering::SeqCst), 2);
    Ok(())
}

#[test]
fn a_single_text_does_not_wait_for_the_batches_of_all_workers() -> Result<()> {
    let model = Arc::new(Model { endless: true, ..Model::default() });
    let workers = start(&model, 2, 1000)?;
    let abort = AbortFlag::default();
    let held = submit(&workers, &["two or three words"; 2], &abort);
    while model.begun.load(Ordering::SeqCst) < 2 {
        std::thread::yield_now();
    }
    // Both workers are in a batch that does not end; a text of no more than three tokens does.
    assert_eq!(embed(&workers, &["a"])?, 1);
    abort.abort();
    assert_eq!(held.recv().map_err(|_| Error::closed())?.map_err(|error| error.kind()), Err(ErrorKind::Aborted));
    Ok(())
}

#[test]
fn an_abort_ends_what_runs_and_leaves_the_engine_usable() -> Result<()> {
    let model = Arc::new(Model { endless: true, ..Model::default() });
    let workers = start(&model, 1, 1000)?;
    for _ in 0..20 {
        let abort = AbortFlag::default();
        let begun = model.begun.load(Ordering::SeqCst);
        let held = submit(&workers, &["two or three words"; 5], &abort);
        while model.begun.load(Ordering::SeqCst) == begun {
            std::thread::yield_now();
        }
        abort.abort();
        assert_eq!(held.recv().map_err(|_| Error::closed())?.map_err(|error| error.kind()), Err(ErrorKind::Aborted));
        assert_eq!(embed(&workers, &["a", "a"])?, 2);
    }
    let raised = AbortFlag::default();
    raised.abort();
    let refused = submit(&workers, &["a"], &raised).recv().map_err(|_| Error::closed())?;
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::Aborted));
    Ok(())
}

#[test]
fn a_close_fails_what_runs_and_what_waits() -> Result<()> {
    let model = Arc::new(Model { endless: true, ..Model::default() });
    let workers = start(&model, 1, 1000)?;
    let runs = submit(&workers, &["two or three words"; 2], &AbortFlag::default());
    while model.begun.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let waits = submit(&workers, &["two or three words"; 2], &AbortFlag::default());
    workers.close();
    for answer in [runs, waits] {
        assert_eq!(answer.recv().map_err(|_| Error::closed())?.map_err(|error| error.kind()), Err(ErrorKind::Closed));
    }
    workers.wait();
    Ok(())
}

#[test]
fn a_text_that_does_not_fit_the_memory_is_named_with_the_numbers() -> Result<()> {
    let model = Arc::new(Model::default());
    let workers = start(&model, 1, 5)?;
    let failed = embed(&workers, &["a", "far more words than that"]).err();
    let error = failed.ok_or_else(Error::closed)?;
    assert_eq!((error.kind(), error.index()), (ErrorKind::InvalidInput, Some(1)));
    assert_eq!(model.begun.load(Ordering::SeqCst), 0, "nothing ran before it was known");
    // The engine goes on.
    assert_eq!(embed(&workers, &["a", "a"])?, 2);
    Ok(())
}

#[test]
fn an_answer_may_ask_for_more() -> Result<()> {
    let workers = Arc::new(start(&Arc::new(Model::default()), 1, 1000)?);
    let (sender, answer) = sync_channel(1);
    let again = Arc::clone(&workers);
    let on_done = Box::new(move |result: Result<crate::Embeddings>| {
        let next = submit(&again, &["a"], &AbortFlag::default());
        let _ = sender.send((result.map(|vectors| vectors.rows()), next));
    });
    workers.submit(Job::new(vec!["a".to_owned()], Prompt::default(), 1, AbortFlag::default(), None, on_done));
    let (first, next) = answer.recv().map_err(|_| Error::closed())?;
    assert_eq!(first?, 1);
    assert_eq!(next.recv().map_err(|_| Error::closed())??, 1);
    Ok(())
}
