//! What MLX computes against the reference implementations, text by text, element by element.
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use patina_embed::{EmbeddingEngine, Engine, FileRole};
use support::goldens::check;
use support::safetensors::Tensors;
use support::{MODELS, Scratch, cosine, distance, fixtures, golden, options, spec, texts};

/// Float32 on either side.
const FLOAT32: f32 = 2e-5;
/// Weights and activations in float16.
const FLOAT16: f32 = 2e-3;
/// Of `bert-mean`, whose layers take large steps: torch computing it in float16 lies 3.9e-3 away itself.
const FLOAT16_BERT_MEAN: f32 = 4e-3;
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
    let folder = fixtures().join("qwen3-float32/plain");
    let engine = with_weights("qwen3-float32", &folder.join("model.safetensors"), &folder.join("config.json"));
    hold("qwen3-float32", &engine, FLOAT32, 0.99999);
}

/// The same weights rounded to float16, and computed in it.
#[test]
fn float16_vectors_are_as_near_as_float16_is() {
    let scratch = Scratch::new("float16");
    for (model, folder, tolerance) in
        [("bert-mean", "bert-mean", FLOAT16_BERT_MEAN), ("qwen3-float32", "qwen3-float32/plain", FLOAT16)]
    {
        let folder = fixtures().join(folder);
        let mut file = Tensors::read(&folder.join("model.safetensors"));
        for tensor in &mut file.0 {
            let (numbers, _) = tensor.numbers.as_chunks();
            let halves = numbers.iter().map(|&number| half::f16::from_f32(f32::from_le_bytes(number)));
            tensor.numbers = halves.flat_map(half::f16::to_le_bytes).collect();
            tensor.dtype = "F16".to_owned();
        }
        let weights = scratch.path().join(format!("{model}.safetensors"));
        std::fs::write(&weights, file.write()).unwrap();
        hold(model, &with_weights(model, &weights, &folder.join("config.json")), tolerance, 0.9999);
    }
}

/// An engine on a fixture's tokenizer and other weights.
fn with_weights(model: &str, weights: &Path, config: &Path) -> Engine {
    let mut spec = spec(model, &golden(model, "golden.json"));
    spec.files.retain(|file| file.role == FileRole::Tokenizer);
    spec.files.push(support::file(FileRole::Weights, weights.to_path_buf()));
    spec.files.push(support::file(FileRole::Config, config.to_path_buf()));
    Engine::open(spec, &options()).unwrap()
}

/// Holds an engine against the plain ones of a model's goldens.
fn hold(model: &str, engine: &Engine, tolerance: f32, least_cosine: f64) {
    let texts = texts();
    let goldens = golden(model, "golden.json").goldens;
    let plain = |golden: &&support::Golden| {
        golden.kind == "raw" && golden.special_tokens == "follow" && golden.dimension.is_none()
    };
    let plain: Vec<_> = goldens.iter().filter(plain).collect();
    assert!(plain.len() > 5);
    for golden in plain {
        let found = engine.embed(&texts[&golden.id]).unwrap();
        let far = distance(&found, &golden.embedding);
        assert!(far <= tolerance, "{model}, {} lies {far} from the reference", golden.id);
        assert!(cosine(&found, &golden.embedding) >= least_cosine, "cosine of {model}, {}", golden.id);
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
