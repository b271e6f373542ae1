//! Who loads a model, and when.

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::batch::PaddedBatch;
use crate::options::{AbortFlag, Batching, SpecialTokens};
use crate::prompt::Prompt;

/// A model of one number a text, which counts how often it was loaded.
#[derive(Default)]
struct Counting {
    loaded: AtomicUsize,
    /// Holds every run until two run at once.
    together: Option<Arc<Barrier>>,
}

struct One(Option<Arc<Barrier>>);

impl Backend for One {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        if let Some(together) = &self.0 {
            together.wait();
        }
        out.clear();
        out.resize(batch.rows(), 1.0);
        Ok(1)
    }
}

impl BackendFactory for Counting {
    fn create(&self) -> Result<Box<dyn Backend>> {
        self.loaded.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(One(self.together.clone())))
    }

    fn must_run_alone(&self, _: Batching) -> bool {
        true
    }
}

fn start(factory: &Arc<Counting>) -> Result<Workers> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bert-mean/tokenizer.json");
    let plan = Plan { token_budget: 512, exact: true, pooled_width: 1, normalize: false };
    let factory: Arc<dyn BackendFactory> = Arc::clone(factory) as _;
    Workers::start(2, || Tokenizer::from_file(&file, 64, SpecialTokens::Follow), plan, factory)
}

fn embed(workers: &Workers, texts: usize) -> Result<usize> {
    let (sender, answer) = sync_channel(1);
    let on_done = Box::new(move |result: Result<crate::Embeddings>| {
        let _ = sender.send(result.map(|vectors| vectors.rows()));
    });
    let texts = vec!["hello".to_owned(); texts];
    workers.submit(Job::new(texts, Prompt::default(), 1, AbortFlag::default(), None, on_done));
    answer.recv().map_err(|_| closed())?
}

#[test]
fn a_lone_text_never_waits_for_a_second_copy_of_the_model() -> Result<()> {
    let factory = Arc::new(Counting::default());
    let workers = start(&factory)?;
    for _ in 0..100 {
        assert_eq!(embed(&workers, 1)?, 1);
    }
    assert_eq!(factory.loaded.load(Ordering::SeqCst), 1);
    Ok(())
}

#[test]
fn many_texts_run_on_every_worker() -> Result<()> {
    let factory = Arc::new(Counting { together: Some(Arc::new(Barrier::new(2))), ..Counting::default() });
    let workers = start(&factory)?;
    // Would wait for ever if one worker did them all.
    assert_eq!(embed(&workers, 64)?, 64);
    assert_eq!(factory.loaded.load(Ordering::SeqCst), 2);
    Ok(())
}
