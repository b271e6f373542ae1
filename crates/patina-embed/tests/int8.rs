//! Dynamic int8 quantises activations by the numbers of each run: what that does to batches, and against the reference.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{Batching, EmbedOptions, EmbeddingEngine, Engine, EngineOptions};
use support::goldens::check;
use support::{distance, golden, options, spec};

/// Integer products are exact. A float32 step before a rounding that is computed another way (a fusion more or less)
/// tips a few activations: ONNX's own reference implementation lies 2e-3 away.
const INT8: f32 = 5e-3;
/// Batches move float32 steps by this much at most.
const BATCH: f32 = 5e-6;

/// The goldens were made one text a run; the engine was given them all at once and has to see by itself that this
/// model's activations are quantised from the numbers of each run.
#[test]
fn dynamic_int8_runs_one_text_at_a_time_unless_told_otherwise() {
    assert!(check("bert-mean", &golden("bert-mean", "golden-int8.json"), INT8, 0.9999) > 40);
}

#[test]
fn batched_dynamic_int8_depends_on_its_batch_and_exact_does_not() {
    let golden = golden("bert-mean", "golden-int8.json");
    let open = |batching| Engine::open(spec("bert-mean", &golden), &EngineOptions { batching, ..options() }).unwrap();
    let batch = ["patina", "the river", "water is new every day", "🚀"];
    let farthest = |engine: &Engine| {
        let together = engine.embed_batch(&batch, &EmbedOptions::default()).unwrap();
        let alone = batch.iter().map(|text| engine.embed(text).unwrap());
        alone.enumerate().map(|(row, alone)| distance(together.row(row), &alone)).fold(0.0, f32::max)
    };
    assert!(farthest(&open(Batching::Auto)) <= BATCH);
    assert!(farthest(&open(Batching::Exact)) <= BATCH);
    assert!(farthest(&open(Batching::Batched)) > 1e-4);
}
