//! Safetensors quantised by the converter, opened by MLX, against the reference's goldens for the same quantisation.
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::safetensors::{QuantizeOptions, quantize};
use patina_embed::{EmbeddingEngine, Engine, FileRole, ModelSpec};
use support::{Scratch, distance, file, golden, options, spec, texts};

/// Float32 on either side, as for the quantised fixtures themselves.
const FLOAT32: f32 = 2e-5;

/// Converts `source` and holds its vectors against the goldens of `expected`.
fn check(source: &str, expected: &str, largest_shard: u64) {
    let scratch = Scratch::new(&format!("convert-{expected}-{largest_shard}"));
    let from = spec(source, &golden(source, "golden.json"));
    let tokenizer = from.files.iter().filter(|file| file.role == FileRole::Tokenizer).cloned();
    let conversion = QuantizeOptions { group_size: 32, largest_shard, ..QuantizeOptions::new(4) };
    let report = quantize(&from, scratch.path(), &conversion).unwrap();
    let expected = golden(expected, "golden.json");
    let files: Vec<_> = tokenizer.chain(report.files.into_iter().map(|(role, path)| file(role, path))).collect();
    let engine = Engine::open(ModelSpec { files, ..from }, &options()).unwrap();
    let goldens = expected
        .goldens
        .iter()
        .filter(|golden| golden.kind == "raw" && golden.special_tokens == "follow" && golden.dimension.is_none());
    let mut compared = 0;
    for golden in goldens {
        let found = engine.embed(&texts()[&golden.id]).unwrap();
        assert!(distance(&found, &golden.embedding) <= FLOAT32, "{source} {}", golden.id);
        compared += 1;
    }
    assert!(compared > 5, "{source} has goldens");
}

#[test]
fn a_converted_qwen3_has_the_vectors_of_the_quantised_reference() {
    check("qwen3-float32", "qwen3-mlx4", 5 << 30);
}

#[test]
fn shards_of_a_converted_model_are_read_with_their_index() {
    check("qwen3-float32", "qwen3-mlx4", 20_000);
}

#[test]
fn a_converted_bert_has_the_vectors_of_the_quantised_reference() {
    check("bert-mean", "bert-mlx4", 5 << 30);
}
