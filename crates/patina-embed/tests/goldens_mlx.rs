//! What MLX computes against the reference implementations, text by text, element by element.
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{EmbeddingEngine, Engine, FileRole};
use support::goldens::check;
use support::{MODELS, distance, fixtures, golden, options, spec, texts};

/// Float32 on either side.
const FLOAT32: f32 = 2e-5;
/// Weights and activations in bfloat16, which has eight bits.
const BFLOAT16: f32 = 0.05;

#[test]
fn float32_vectors_equal_the_reference() {
    for &model in MODELS {
        assert!(check(model, &golden(model, "golden.json"), FLOAT32, 0.99999) > 14, "{model} has goldens");
    }
}

/// The other spelling of everything: one file, names without a prefix, `rope_theta` at the top.
#[test]
fn both_spellings_of_names_and_settings_are_read() {
    let golden = golden("qwen3-float32", "golden.json");
    let mut spec = spec("qwen3-float32", &golden);
    let folder = fixtures().join("qwen3-float32/plain");
    spec.files.retain(|file| file.role == FileRole::Tokenizer);
    spec.files.push(support::file(FileRole::Weights, folder.join("model.safetensors")));
    spec.files.push(support::file(FileRole::Config, folder.join("config.json")));
    let engine = Engine::open(spec, &options()).unwrap();
    let raw = golden.goldens.iter().filter(|golden| golden.kind == "raw" && golden.special_tokens == "follow");
    let expected: Vec<_> = raw.filter(|golden| golden.dimension.is_none()).collect();
    assert!(expected.len() > 5);
    for golden in expected {
        let found = engine.embed(&texts()[&golden.id]).unwrap();
        assert!(distance(&found, &golden.embedding) <= FLOAT32, "{}", golden.id);
    }
}

#[test]
fn quantized_weights_with_scales_in_bfloat16_are_as_near_as_bfloat16_is() {
    assert!(check("qwen3-mlx8", &golden("qwen3-mlx8", "golden.json"), BFLOAT16, 0.99) > 14);
}

/// Names without a prefix, weights and arithmetic in bfloat16.
#[test]
fn bfloat16_vectors_are_as_near_as_bfloat16_is() {
    assert!(check("qwen3-plain", &golden("qwen3-plain", "golden.json"), BFLOAT16, 0.99) > 40);
}
