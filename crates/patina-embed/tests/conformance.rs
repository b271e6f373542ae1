//! What every engine has to do, whatever its model and runtime. A new engine runs this suite unchanged.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::mpsc::channel;

use patina_embed::{AbortFlag, EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ErrorKind};
use proptest::prelude::*;
use support::{MODELS, distance, golden, open, options, spec, texts};

/// Batches move float32 by this much at most: other shapes, other orders of summation.
const BATCH: f32 = 5e-6;

fn embed(engine: &Engine, texts: &[&str]) -> patina_embed::Embeddings {
    engine.embed_batch(texts, &EmbedOptions::default()).unwrap()
}

#[test]
fn a_batch_equals_its_texts_alone() {
    let texts = texts();
    let batch: Vec<&str> = texts.values().map(String::as_str).collect();
    for &model in MODELS {
        let engine = open(model);
        let together = embed(&engine, &batch);
        for (row, text) in batch.iter().enumerate() {
            let alone = engine.embed(text).unwrap();
            let far = distance(together.row(row), &alone);
            assert!(far <= BATCH, "{model}: {text:?} alone lies {far} from itself in a batch");
        }
    }
}

#[test]
fn order_is_kept_and_duplicates_are_equal() {
    let engine = open("bert-mean");
    let long = "a river and its name and its water ".repeat(20);
    let batch = ["patina", long.as_str(), "q", "patina", long.as_str(), "river"];
    let forward = embed(&engine, &batch);
    let backward: Vec<&str> = batch.iter().rev().copied().collect();
    let backward = embed(&engine, &backward);
    for row in 0..batch.len() {
        assert!(distance(forward.row(row), backward.row(batch.len() - 1 - row)) <= BATCH, "row {row}");
    }
    assert!(distance(forward.row(0), forward.row(3)) <= BATCH);
    assert!(distance(forward.row(1), forward.row(4)) <= BATCH);
    assert!(distance(forward.row(0), forward.row(2)) > 0.01, "unlike texts have unlike vectors");
}

#[test]
fn vectors_have_unit_length() {
    let texts = texts();
    let batch: Vec<&str> = texts.values().map(String::as_str).collect();
    let found = embed(&open("bert-cls"), &batch);
    for row in 0..found.rows() {
        let length: f64 = found.row(row).iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        assert!((length - 1.0).abs() < 1e-6, "row {row} has length {length}");
    }
}

#[test]
fn no_texts_give_no_vectors() {
    assert_eq!(embed(&open("bert-mean"), &[]).rows(), 0);
}

#[test]
fn a_text_past_the_limit_says_that_it_was_cut() {
    let engine = open("bert-mean");
    let long = "river ".repeat(500);
    let found = embed(&engine, &["river", &long]);
    assert!(!found.reports()[0].truncated);
    assert!(found.reports()[1].truncated);
    assert_eq!(found.reports()[1].tokens, 128);
    // What lies past the limit does not count.
    let longer = format!("{long} and something else altogether");
    assert!(distance(&engine.embed(&longer).unwrap(), found.row(1)) <= BATCH);
}

#[test]
fn an_aborted_call_says_so_and_the_engine_goes_on() {
    let engine = open("bert-mean");
    let abort = AbortFlag::default();
    abort.abort();
    let options = EmbedOptions { abort, ..EmbedOptions::default() };
    assert_eq!(engine.embed_batch(&["patina"], &options).unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(engine.embed("patina").unwrap().len(), 32);
}

#[test]
fn a_closed_engine_fails_what_is_running_and_what_comes_later() {
    let engine = open("bert-mean");
    let (sender, receiver) = channel();
    let texts = vec!["river ".repeat(100); 2_000];
    engine.submit(texts, &EmbedOptions::default(), None, move |result| sender.send(result).unwrap());
    engine.close();
    assert_eq!(receiver.recv().unwrap().unwrap_err().kind(), ErrorKind::Closed);
    engine.close();
    engine.wait();
    assert_eq!(engine.embed("patina").unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn progress_counts_every_text_once() {
    let engine = open("bert-mean");
    let (sender, receiver) = channel();
    let done = sender.clone();
    let texts = vec!["river".to_owned(); 300];
    engine.submit(
        texts,
        &EmbedOptions::default(),
        Some(Box::new(move |count| sender.send(Some(count)).unwrap())),
        move |result| {
            assert_eq!(result.unwrap().rows(), 300);
            done.send(None).unwrap();
        },
    );
    let counts: Vec<usize> = receiver.iter().map_while(|count| count).collect();
    assert!(counts.is_sorted(), "{counts:?}");
    assert_eq!(counts.last(), Some(&300));
}

#[test]
fn tokens_are_counted_as_embedded_without_what_is_added_and_without_a_limit() {
    let texts = texts();
    let batch: Vec<&str> = texts.values().map(String::as_str).collect();
    for &model in MODELS {
        let engine = open(model);
        let counts = engine.count_tokens(&batch).unwrap();
        // What is added to one text is added to all.
        let added = embed(&engine, &["river"]).reports()[0].tokens - engine.count_tokens(&["river"]).unwrap()[0];
        assert!(added <= 2, "{model} adds {added}");
        let embedded = embed(&engine, &batch);
        for ((text, &count), report) in batch.iter().zip(&counts).zip(embedded.reports()) {
            if report.truncated {
                assert!(count + added > report.tokens, "{model}: {text:?}");
            } else {
                assert_eq!(count + added, report.tokens, "{model}: {text:?}");
            }
        }
        // Longer than the model takes, and than is tokenized at once.
        let long = "the river has a name ".repeat(20_000);
        let [short, many] = engine.count_tokens(&["the river has a name", long.trim_end()]).unwrap()[..] else {
            panic!("two texts have two counts")
        };
        let [twice] = engine.count_tokens(&["the river has a name the river has a name"]).unwrap()[..] else {
            panic!("a text has a count")
        };
        assert_eq!(many, short + 19_999 * (twice - short), "{model}");
    }
}

#[test]
fn many_texts_are_counted_in_their_order_and_a_closed_engine_counts_none() {
    let engine = open("bert-mean");
    let texts: Vec<String> = (0..3_000).map(|count| "river ".repeat(count % 7)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let word = engine.count_tokens(&["river"]).unwrap()[0];
    let expected: Vec<u32> = (0..3_000).map(|count| word * (count % 7)).collect();
    assert_eq!(engine.count_tokens(&texts).unwrap(), expected);
    assert!(engine.count_tokens(&[]).unwrap().is_empty());
    engine.close();
    assert_eq!(engine.count_tokens(&texts).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(engine.count_tokens(&[]).unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn many_callers_share_an_engine() {
    let engine = open("bert-mean");
    let expected = engine.embed("patina").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(distance(&engine.embed("patina").unwrap(), &expected) <= BATCH);
                }
            });
        }
    });
}

#[test]
fn options_that_the_model_cannot_honour_are_errors() {
    let engine = open("bert-mean");
    let with = |options: EmbedOptions| engine.embed_batch(&["patina"], &options).unwrap_err();
    let error = with(EmbedOptions { dimension: Some(16), ..EmbedOptions::default() });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("not trained for cutting"), "{error}");
    let error = with(EmbedOptions { task: Some("anything".into()), ..EmbedOptions::default() });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let none = EngineOptions { threads: Some(0), ..options() };
    let error = Engine::open(spec("bert-mean", &golden("bert-mean", "golden.json")), &none).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_cut_vector_is_the_start_of_the_full_one_at_unit_length() {
    let mut spec = spec("bert-mean", &golden("bert-mean", "golden.json"));
    spec.min_dimension = Some(8);
    let engine = Engine::open(spec, &options()).unwrap();
    let full = engine.embed("the river").unwrap();
    let cut_to = |dimension| EmbedOptions { dimension: Some(dimension), ..EmbedOptions::default() };
    let cut = engine.embed_batch(&["the river"], &cut_to(8)).unwrap();
    let length = full[..8].iter().map(|value| value * value).sum::<f32>().sqrt();
    let expected: Vec<f32> = full[..8].iter().map(|value| value / length).collect();
    assert!(distance(cut.row(0), &expected) <= 1e-6);
    assert_eq!(engine.embed_batch(&["x"], &cut_to(7)).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(engine.embed_batch(&["x"], &cut_to(33)).unwrap_err().kind(), ErrorKind::InvalidInput);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_batch_equals_its_texts_alone(batch in proptest::collection::vec(".{0,80}", 1..12)) {
        let engine = open("bert-mean");
        let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
        let together = embed(&engine, &texts);
        for (row, text) in texts.iter().enumerate() {
            prop_assert!(distance(together.row(row), &engine.embed(text).unwrap()) <= BATCH);
        }
    }
}
