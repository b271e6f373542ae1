//! What engines and their workers share: a session, the cores, the memory.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ErrorKind};
use support::{MODELS, golden, open, options, spec, texts};

#[test]
fn many_threads_over_one_session_give_the_same_bits() {
    let texts = texts();
    let texts: Vec<&str> = texts.values().map(String::as_str).filter(|text| text.len() < 400).collect();
    for &model in MODELS {
        // One text a run, so that every run of a text is the same computation.
        let expected: Vec<_> = {
            let engine = Engine::open(
                spec(model, &golden(model, "golden.json")),
                &EngineOptions { threads: Some(1), ..options() },
            )
            .unwrap();
            texts.iter().map(|text| engine.embed(text).unwrap()).collect()
        };
        let engine = open(model);
        std::thread::scope(|scope| {
            for start in 0..8 {
                let (engine, texts, expected) = (&engine, &texts, &expected);
                scope.spawn(move || {
                    for step in 0..2 * texts.len() {
                        let index = (start * 7 + step) % texts.len();
                        assert_eq!(engine.embed(texts[index]).unwrap(), expected[index], "{model}: {:?}", texts[index]);
                    }
                });
            }
        });
    }
}

#[test]
fn a_text_that_needs_more_memory_than_there_is_says_how_much() {
    let open = |memory| {
        Engine::open(spec("bert-mean", &golden("bert-mean", "golden.json")), &EngineOptions { memory, ..options() })
    };
    let Err(refused) = open(Some(1000)) else { panic!("a kilobyte is no memory") };
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    // Its batches of 512 tokens would take more than the least budget has for each of many workers.
    let engine = open(Some(16_000_000)).unwrap();
    let long = "a river and its name and its water ".repeat(40);
    let batch = vec![long.as_str(); 50];
    let small = engine.embed_batch(&batch, &EmbedOptions::default()).unwrap();
    let large = open(None).unwrap().embed_batch(&batch, &EmbedOptions::default()).unwrap();
    assert!(support::distance(small.data(), large.data()) <= 5e-6);
}
