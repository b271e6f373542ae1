//! Calls that end early, and engines beside each other.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use patina_embed::{AbortFlag, EmbedOptions, EmbeddingEngine, Engine, ErrorKind, Runtime, TextKind};
use support::{RUNTIME, distance, golden, open, texts};

/// Of three architectures, or as many as the runtime has.
const BESIDE: [&str; 3] = match RUNTIME {
    Runtime::Onnx => ["bert-mean", "qwen3-past", "nomic-mean"],
    Runtime::Mlx => ["bert-mean", "qwen3-float32", "xlmr-mean"],
};

/// Submits far more than is done soon and returns once some of it is, with what the call will end with.
fn begin(engine: &Engine, abort: &AbortFlag) -> std::sync::mpsc::Receiver<ErrorKind> {
    let (started, first): (Sender<usize>, _) = channel();
    let (sender, ended) = channel();
    let options = EmbedOptions { abort: abort.clone(), ..EmbedOptions::default() };
    // Only the first report is waited for.
    let progress = Box::new(move |done| started.send(done).unwrap_or_default());
    engine.submit(vec!["river ".repeat(120); 2_000], &options, Some(progress), move |result| {
        sender.send(result.unwrap_err().kind()).unwrap();
    });
    first.recv().unwrap();
    ended
}

#[test]
fn an_abort_ends_a_call_between_two_batches_and_frees_the_queue() {
    let engine = open("bert-mean");
    // A busy machine makes a thread wait, now and then; one that is not stopped goes on for seconds every time.
    let best = (0..3).map(|_| {
        let abort = AbortFlag::default();
        let ended = begin(&engine, &abort);
        let start = Instant::now();
        abort.abort();
        assert_eq!(ended.recv().unwrap(), ErrorKind::Aborted);
        engine.embed("the river").unwrap();
        start.elapsed()
    });
    assert!(best.min().unwrap() < Duration::from_millis(100));
}

#[test]
fn dropping_an_engine_ends_its_call_with_closed() {
    let engine = open("bert-mean");
    let ended = begin(&engine, &AbortFlag::default());
    drop(engine);
    assert_eq!(ended.recv().unwrap(), ErrorKind::Closed);
}

#[test]
fn a_call_without_texts_ends_as_any_other() {
    let engine = open("bert-mean");
    let options = EmbedOptions::default();
    assert_eq!(engine.embed_batch(&[], &options).unwrap().rows(), 0);
    let aborted = EmbedOptions::default();
    aborted.abort.abort();
    assert_eq!(engine.embed_batch(&[], &aborted).unwrap_err().kind(), ErrorKind::Aborted);
    engine.close();
    assert_eq!(engine.embed_batch(&[], &options).unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn engines_of_several_models_work_at_once_and_keep_to_their_own() {
    let texts = texts();
    std::thread::scope(|scope| {
        for model in BESIDE {
            let texts = &texts;
            scope.spawn(move || {
                let engine = open(model);
                let goldens = golden(model, "golden.json").goldens;
                let plain = |golden: &&support::Golden| {
                    golden.kind == "raw" && golden.special_tokens == "follow" && golden.dimension.is_none()
                };
                for golden in goldens.iter().filter(plain) {
                    let options = EmbedOptions { kind: TextKind::Raw, ..EmbedOptions::default() };
                    let found = engine.embed_batch(&[&texts[&golden.id]], &options).unwrap();
                    assert!(distance(found.row(0), &golden.embedding) <= 2e-5, "{model}, {}", golden.id);
                }
            });
        }
    });
}
