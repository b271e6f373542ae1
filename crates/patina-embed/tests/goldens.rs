//! Vectors against those of the reference implementations, text by text, element by element.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;

use patina_embed::tokenizer::Tokenizer;
use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, FileRole, SpecialTokens, TextKind};
use support::{Golden, GoldenFile, MODELS, cosine, distance, golden, options, spec, texts};

/// Float32 on either side; batches move it by 1e-6, the tanh GELU in place of erf by 5e-5 and more.
const FLOAT32: f32 = 2e-5;
/// Weights, activations and output in float16, over three layers.
const FLOAT16: f32 = 2e-3;
/// The output in bfloat16, what computes it in float32: a rounding of 2^-9, which the mean over tokens evens out.
const BFLOAT16_OUTPUT: f32 = 4e-3;
/// Integer products are exact. A float32 step before a rounding that is computed another way (a fusion more or less)
/// tips a few activations: ONNX's own reference implementation lies 2e-3 away.
const INT8: f32 = 5e-3;

fn policy(name: &str) -> SpecialTokens {
    if name == "neutralize" { SpecialTokens::Neutralize } else { SpecialTokens::Follow }
}

fn kind(name: &str) -> TextKind {
    match name {
        "raw" => TextKind::Raw,
        "query" => TextKind::Query,
        "passage" => TextKind::Passage,
        other => panic!("unknown kind {other}"),
    }
}

/// Embeds the goldens that share an engine and a call in one batch and compares each. Returns how many there were.
fn check(model: &str, golden: &GoldenFile, tolerance: f32, least_cosine: f64) -> usize {
    let texts = texts();
    let mut calls: BTreeMap<_, Vec<&Golden>> = BTreeMap::new();
    for golden in &golden.goldens {
        let call = (&golden.special_tokens, &golden.kind, &golden.task, golden.dimension);
        calls.entry(call).or_default().push(golden);
    }
    for ((special_tokens, text_kind, task, dimension), expected) in &calls {
        let engine_options = EngineOptions { special_tokens: policy(special_tokens), ..options() };
        let engine = Engine::open(spec(model, golden), &engine_options).unwrap();
        let batch: Vec<&str> = expected.iter().map(|golden| texts[&golden.id].as_str()).collect();
        let call = EmbedOptions {
            kind: kind(text_kind),
            task: (*task).clone(),
            dimension: *dimension,
            ..EmbedOptions::default()
        };
        let found = engine.embed_batch(&batch, &call).unwrap();
        for (row, golden) in expected.iter().enumerate() {
            let name = format!("{model}, {} as {text_kind}, special tokens {special_tokens}", golden.id);
            let report = found.reports()[row];
            assert_eq!(report.tokens, golden.tokens, "tokens of {name}");
            assert_eq!(report.truncated, golden.truncated, "truncation of {name}");
            assert_eq!(report.special_tokens, golden.special_literals, "special tokens of {name}");
            let far = distance(found.row(row), &golden.embedding);
            assert!(far <= tolerance, "{name} lies {far} from the reference");
            assert!(cosine(found.row(row), &golden.embedding) >= least_cosine, "cosine of {name}");
        }
    }
    golden.goldens.len()
}

#[test]
fn float32_vectors_equal_the_reference() {
    for model in MODELS {
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

/// The goldens were made one text a run; the engine was given them all at once and has to see by itself that this
/// model's activations are quantised from the numbers of each run.
#[test]
fn dynamic_int8_runs_one_text_at_a_time_unless_told_otherwise() {
    assert!(check("bert-mean", &golden("bert-mean", "golden-int8.json"), INT8, 0.9999) > 40);
}

#[test]
fn token_ids_equal_the_reference() {
    let texts = texts();
    for model in MODELS {
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
