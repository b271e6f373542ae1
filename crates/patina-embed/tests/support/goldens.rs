//! Goldens and how far an engine's vectors may lie from them.

use std::collections::BTreeMap;

use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, SpecialTokens, TextKind};

use super::{Golden, GoldenFile, cosine, distance, options, spec, texts};

pub fn policy(name: &str) -> SpecialTokens {
    if name == "neutralize" { SpecialTokens::Neutralize } else { SpecialTokens::Follow }
}

pub fn kind(name: &str) -> TextKind {
    match name {
        "raw" => TextKind::Raw,
        "query" => TextKind::Query,
        "passage" => TextKind::Passage,
        other => panic!("unknown kind {other}"),
    }
}

/// Embeds the goldens that share an engine and a call in one batch and compares each. Returns how many there were.
pub fn check(model: &str, golden: &GoldenFile, tolerance: f32, least_cosine: f64) -> usize {
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
