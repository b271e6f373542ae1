//! Vectors against those of the reference implementations, text by text, element by element.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::FileRole;
use patina_embed::tokenizer::Tokenizer;
use support::goldens::{check, kind, policy};
use support::{GoldenFile, MODELS, golden, spec, texts};

/// Float32 on either side; batches move it by 1e-6, the tanh GELU in place of erf by 5e-5 and more.
const FLOAT32: f32 = 2e-5;
/// Weights, activations and output in float16, over three layers.
const FLOAT16: f32 = 2e-3;
/// The output in bfloat16, what computes it in float32: a rounding of 2^-9, which the mean over tokens evens out.
const BFLOAT16_OUTPUT: f32 = 4e-3;

#[test]
fn float32_vectors_equal_the_reference() {
    for &model in MODELS {
        assert!(check(model, &golden(model, "golden.json"), FLOAT32, 0.99999) > 40, "{model} has goldens");
    }
}

/// A file in float16 feeds and gives float16 as well; its numbers have eleven bits.
#[test]
fn float16_vectors_are_as_near_as_float16_is() {
    assert!(check("qwen3-past-fp16", &golden("qwen3-past-fp16", "golden.json"), FLOAT16, 0.9999) > 40);
}

/// An export gives a vector a token, a vector a text or both, in whatever numbers: the vectors are the same.
#[test]
fn every_form_of_an_export_gives_the_reference_s_vectors() {
    for (weights, tolerance, least_cosine) in [
        ("onnx/model_pooled.onnx", FLOAT32, 0.99999),
        ("onnx/model_pooled_only.onnx", FLOAT32, 0.99999),
        ("onnx/model_fp16.onnx", FLOAT16, 0.9999),
        ("onnx/model_bf16_output.onnx", BFLOAT16_OUTPUT, 0.9999),
    ] {
        let golden = GoldenFile { weights: weights.into(), ..golden("bert-mean", "golden.json") };
        assert!(check("bert-mean", &golden, tolerance, least_cosine) > 40, "{weights} has goldens");
    }
}

#[test]
fn token_ids_equal_the_reference() {
    let texts = texts();
    for &model in MODELS {
        let golden = golden(model, "golden.json");
        let spec = spec(model, &golden);
        for special_tokens in ["follow", "neutralize"] {
            let tokenizer =
                Tokenizer::from_file(spec.file(FileRole::Tokenizer).unwrap(), spec.max_tokens, policy(special_tokens))
                    .unwrap();
            for expected in golden.goldens.iter().filter(|golden| golden.special_tokens == special_tokens) {
                let prompt =
                    patina_embed::prompt::Prompt::new(&spec, kind(&expected.kind), expected.task.as_deref()).unwrap();
                let found = tokenizer.encode(&prompt.render(&texts[&expected.id])).unwrap();
                assert_eq!(found.ids, expected.token_ids, "{model}, {}", expected.id);
            }
        }
    }
}
