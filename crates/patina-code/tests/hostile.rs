//! Texts that nobody would write: whatever they are, there is an end, and an answer.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use patina_code::{CutBy, CutOptions, Language, Outline, TextForm, Unparsed, outline, passages};
use proptest::prelude::*;

const SAMPLES: [&str; 5] = [
    include_str!("texts/sample.py"),
    include_str!("texts/sample.go"),
    include_str!("texts/Sample.java"),
    include_str!("texts/sample.cpp"),
    include_str!("../src/walk.rs"),
];

/// What an outline promises, whatever the text.
fn check(outline: &Outline, text: &str) {
    let lines = text.split('\n').count() as u32;
    let mut open: Vec<usize> = Vec::new();
    for (index, found) in outline.definitions.iter().enumerate() {
        assert!(text.get(found.bytes.clone()).is_some_and(|own| own == own.trim_end()), "{found:?}");
        assert!(1 <= found.start_line && found.start_line <= found.end_line && found.end_line <= lines, "{found:?}");
        let newlines = |range: std::ops::Range<usize>| text[range].matches('\n').count() as u32;
        assert_eq!(found.start_line, 1 + newlines(0..found.bytes.start), "{found:?}");
        assert_eq!(found.end_line, 1 + newlines(0..found.bytes.end), "{found:?}");
        assert!(!found.name.is_empty() && found.name.len() <= 200);
        assert!(found.parent.is_none_or(|parent| parent < index), "what is around comes first");
        open.truncate(found.parent.map_or(0, |parent| open.iter().position(|&other| other == parent).unwrap() + 1));
        open.push(index);
        assert!(outline.trail(index).len() <= 17);
    }
    assert!(outline.calls.iter().all(|call| call.within.is_none_or(|index| index < outline.definitions.len())));
}

/// A sample with some of its parts moved, doubled and broken.
fn mutated() -> impl Strategy<Value = String> {
    let piece = (0..SAMPLES.len(), any::<prop::sample::Index>(), 1..400_usize);
    let noise =
        prop::sample::select(vec!["{", "}", "(", "\"", "'", "`", "/*", "\n", "\u{0}", "😀", "\\", "<", "#", "\r"]);
    let part = prop_oneof![
        6 => piece.prop_map(|(sample, start, length)| {
            let text = SAMPLES[sample];
            let start = text.floor_char_boundary(start.index(text.len()));
            text[start..text.ceil_char_boundary((start + length).min(text.len()))].to_owned()
        }),
        2 => noise.prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn broken_code_gives_what_could_be_read(text in mutated(), language in prop::sample::select(Language::ALL.to_vec())) {
        let found = outline(language, &text).unwrap();
        check(&found, &text);
        prop_assert_eq!(outline(language, &text).unwrap(), found);
        let costs: Vec<u32> = text.split('\n').map(|line| line.len() as u32).collect();
        passages(TextForm::Code(language), &text, &costs, CutOptions { budget: 100, merge: true }).unwrap();
    }
}

/// Each is made of one part, again and again: nesting without end, comments and strings that never close, and what makes a
/// lexer look far ahead.
const ENDLESS: [&str; 24] = [
    "{",
    "(",
    "[",
    "<",
    "class A {",
    "class A:\n ",
    "fn f() {",
    "mod a {",
    "namespace a {",
    "function f() {",
    "((a)=>",
    "a ? ",
    "/*",
    "/* \n",
    "`${",
    "\"",
    "r#\"",
    "'''",
    "\n\n",
    "a\n/* x */\n",
    "#if a\n",
    "@a ",
    "a<b<",
    "if a {} else ",
];

#[test]
fn endless_nesting_ends() {
    for language in Language::ALL {
        for (part, size) in ENDLESS.into_iter().flat_map(|part| [2_000, 30_000].map(|size| (part, size))) {
            // The one here that takes memory by the square of its size, where the parser cannot be stopped (see `ACTIONS`).
            if (language, part) == (Language::Python, "/* \n") && size > 2_000 {
                continue;
            }
            let text = part.repeat(size / part.len());
            let found = outline(language, &text);
            if let Ok(found) = &found {
                check_places(found, &text);
            }
            let costs = vec![1; text.split('\n').count()];
            let options = CutOptions { budget: 1, merge: true };
            let by = passages(TextForm::Code(language), &text, &costs, options).unwrap().first().map(|piece| piece.by);
            let expected = if found.is_ok() { CutBy::Definitions } else { CutBy::Lines };
            assert!(by.is_none_or(|by| by == expected), "{} of {part:?}", language.name());
        }
    }
}

/// As much of the promise as can be seen in one pass.
fn check_places(outline: &Outline, text: &str) {
    for (index, found) in outline.definitions.iter().enumerate() {
        assert!(text.get(found.bytes.clone()).is_some());
        assert!(found.parent.is_none_or(|parent| parent < index));
    }
}

#[test]
fn what_is_too_large_is_not_parsed_and_cut_by_lines() {
    let text = "let a = 1;\n".repeat(100_000);
    assert_eq!(outline(Language::Rust, &text), Err(Unparsed::TooLarge));
    let costs = vec![5; 100_000];
    let form = TextForm::Code(Language::Rust);
    let pieces = passages(form, &text, &costs, CutOptions { budget: 50, merge: true }).unwrap();
    assert!(pieces.len() >= 10_000 && pieces.iter().all(|piece| piece.by == CutBy::Lines));
}
