//! Long texts are tokenized only as far as they count; the ids have to be those of the whole text all the same.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Instant;

use patina_embed::tokenizer::Tokenizer;
use patina_embed::{FileRole, SpecialTokens};
use proptest::prelude::*;
use support::{golden, spec};
use tokenizers::{TruncationDirection, TruncationParams, TruncationStrategy};

/// The same file read by the tokenizers crate alone, which reads every text to its end.
fn reference(model: &str) -> tokenizers::Tokenizer {
    let spec = spec(model, &golden(model, "golden.json"));
    let mut tokenizer = tokenizers::Tokenizer::from_file(spec.file(FileRole::Tokenizer).unwrap()).unwrap();
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams {
            max_length: spec.max_tokens,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
            direction: TruncationDirection::Right,
        }))
        .unwrap();
    tokenizer
}

fn own(model: &str) -> Tokenizer {
    let spec = spec(model, &golden(model, "golden.json"));
    Tokenizer::from_file(spec.file(FileRole::Tokenizer).unwrap(), spec.max_tokens, SpecialTokens::Follow).unwrap()
}

fn same(model: &str, text: &str) {
    let expected = reference(model).encode(text, true).unwrap();
    let found = own(model).encode(text).unwrap();
    assert_eq!(found.ids, expected.get_ids(), "{model}, {} bytes", text.len());
    assert_eq!(found.report.truncated, !expected.get_overflowing().is_empty());
}

#[test]
fn long_texts_of_every_kind_have_the_ids_of_the_whole() {
    for model in ["bert-mean", "bert-cls"] {
        for text in [
            "the river keeps its name ".repeat(4_000),
            format!("{}the river{}", " ".repeat(50_000), " \n".repeat(50_000)),
            "x".repeat(100_000),
            "向量搜索在本地机器上运行。".repeat(3_000),
            format!("{} {}", "y".repeat(60_000), "the river ".repeat(2_000)),
            "[SEP] river [CLS] ".repeat(5_000),
            "a\u{301}\u{20}\u{301} ".repeat(9_000),
        ] {
            same(model, &text);
        }
    }
}

#[test]
fn ten_megabytes_are_not_read_to_the_end() {
    let tokenizer = own("bert-mean");
    let text = "the river keeps its name ".repeat(400_000);
    let start = Instant::now();
    assert!(tokenizer.encode(&text).unwrap().report.truncated);
    // To read it all takes seconds. This is no measure of speed: a thousandth of it is what should happen.
    assert!(start.elapsed().as_millis() < 500, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn any_long_text_has_the_ids_of_the_whole(pieces in proptest::collection::vec("[\\PC\\s]{0,40}|[a-z ]{0,200}", 1..400)) {
        same("bert-mean", &pieces.concat());
    }
}
