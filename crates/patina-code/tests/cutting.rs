//! Where texts are cut, by example. A line costs its characters.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use patina_code::{CutBy, CutError, CutOptions, Language, Piece, TextForm, passages};

fn cut(form: TextForm, text: &str, budget: u32) -> Vec<Piece> {
    cut_with(form, text, CutOptions { budget, merge: true })
}

fn cut_with(form: TextForm, text: &str, options: CutOptions) -> Vec<Piece> {
    let costs: Vec<u32> = text.split('\n').map(|line| line.chars().count() as u32).collect();
    passages(form, text, &costs, options).unwrap()
}

/// First and last line, overlap, symbols.
fn shape(pieces: &[Piece]) -> Vec<(u32, u32, u32, String)> {
    let shape = |piece: &Piece| (piece.start_line, piece.end_line, piece.overlap, piece.symbols.join(" "));
    pieces.iter().map(shape).collect()
}

fn expect(pieces: &[Piece], expected: &[(u32, u32, u32, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|&(start, end, overlap, symbols)| (start, end, overlap, symbols.to_owned())).collect();
    assert_eq!(shape(pieces), expected, "{pieces:#?}");
}

const RUST: TextForm = TextForm::Code(Language::Rust);

/// Lines 1 to 3 are small, 5 to 20 a struct and its `impl`, of which no method is large.
const INDEX: &str = "\
use std::fmt;

const A: u8 = 1;

/// An index.
struct Index {
    size: usize,
}

impl Index {
    /// How many there are, which takes some explaining.
    fn len(&self) -> usize {
        self.size
    }

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.size == 0
    }
}
";

#[test]
fn what_fits_is_one_piece_with_all_its_definitions() {
    expect(&cut(RUST, INDEX, 1_000), &[(1, 20, 0, "A Index Index.len Index.is_empty")]);
}

#[test]
fn a_type_that_does_not_fit_is_cut_at_its_members_which_know_where_they_are() {
    let pieces = cut(RUST, INDEX, 130);
    expect(&pieces, &[(1, 8, 0, "A Index"), (10, 14, 0, "Index Index.len"), (16, 20, 0, "Index Index.is_empty")]);
    assert!(pieces.iter().all(|piece| piece.by == CutBy::Definitions));
}

#[test]
fn apart_each_definition_has_a_piece_of_its_own() {
    let pieces = cut_with(RUST, INDEX, CutOptions { budget: 1_000, merge: false });
    expect(
        &pieces,
        &[(1, 1, 0, ""), (3, 3, 0, "A"), (5, 8, 0, "Index"), (10, 20, 0, "Index Index.len Index.is_empty")],
    );
}

#[test]
fn a_large_definition_stays_alone_between_small_ones_that_merge() {
    let large = format!("fn large() {{\n{}}}\n", "    work();\n".repeat(6));
    let text = format!("fn a() {{}}\n\nfn b() {{}}\n\n{large}\nfn c() {{}}\n\nfn d() {{}}\n");
    expect(&cut(RUST, &text, 120), &[(1, 3, 0, "a b"), (5, 12, 0, "large"), (14, 16, 0, "c d")]);
}

#[test]
fn a_definition_that_does_not_fit_is_cut_with_a_little_overlap_and_nothing_else_is() {
    let body = "    let the_next = the(before);\n".repeat(20);
    let text = format!("/// Works.\nfn work_through() {{\n{body}}}\n\nfn next() {{}}\n");
    let pieces = cut(RUST, &text, 310);
    assert!(pieces.len() >= 4, "{pieces:#?}");
    let (last, parts) = pieces.split_last().unwrap();
    assert_eq!((last.symbols.as_slice(), last.overlap), (["next".to_owned()].as_slice(), 0));
    assert_eq!(parts[0].overlap, 0);
    for pair in parts.windows(2) {
        assert_eq!(pair[1].overlap, 1, "one line is all that a tenth of 310 has room for");
        assert_eq!(pair[1].start_line, pair[0].end_line);
        assert_eq!(pair[1].symbols, ["work_through"]);
    }
}

#[test]
fn a_line_that_is_too_long_is_cut_at_spaces_and_never_within_a_character() {
    let words = cut(TextForm::Lines, &"word ".repeat(100), 120);
    assert_eq!(words.len(), 5);
    assert!(words.iter().all(|piece| piece.text.ends_with(' ') && (piece.start_line, piece.end_line) == (1, 1)));
    let faces = cut(TextForm::Lines, &"😀".repeat(333), 101);
    assert_eq!(faces.iter().map(|piece| piece.text.as_str()).collect::<String>(), "😀".repeat(333));
    assert!(faces.iter().all(|piece| piece.text.chars().count() <= 101));
    // One character may cost more than a piece.
    assert_eq!(passages(TextForm::Lines, "😀é", &[100], CutOptions { budget: 1, merge: true }).unwrap().len(), 2);
}

#[test]
fn code_without_a_grammar_is_cut_between_definitions() {
    let text = "\
import a from 'a';

/** Adds. */
export function add(x, y) {
  const sum = x + y;

  return sum;
}

// Takes away.
export function subtract(x, y) {
  return x - y;
}";
    let pieces = cut(TextForm::of_path("a.zig"), text, 110);
    expect(&pieces, &[(1, 8, 0, ""), (10, 13, 0, "")]);
    assert!(pieces.iter().all(|piece| piece.by == CutBy::Lines));
}

#[test]
fn in_prose_a_heading_goes_with_the_paragraph_under_it() {
    let words = "w ".repeat(60);
    let text = format!("Before.\n\n### A heading\n\n{words}\n\n{words}");
    let pieces = cut(TextForm::of_path("notes.txt"), &text, 135);
    expect(&pieces, &[(1, 1, 0, ""), (3, 5, 0, ""), (7, 7, 0, "")]);
    assert!(pieces.iter().all(|piece| piece.by == CutBy::Paragraphs));
}

#[test]
fn markdown_is_cut_at_its_headings_however_small_the_sections() {
    let pieces = cut(TextForm::of_path("README.md"), "# T\nintro\n## A\na\n### deep\nb\n## B\nc\n", 1_000);
    let headings: Vec<String> = pieces.iter().map(|piece| piece.headings.join(" › ")).collect();
    assert_eq!(headings, ["T", "T › A", "T › B"]);
    assert!(pieces.iter().all(|piece| piece.by == CutBy::Headings));
}

#[test]
fn no_pieces_of_nothing() {
    for text in ["", "\n", "\n \n\t\n", "\r\n\r\n"] {
        for form in [TextForm::Lines, TextForm::Prose, TextForm::Markdown, RUST] {
            assert_eq!(cut(form, text, 10), []);
        }
    }
}

#[test]
fn wrong_costs_and_a_budget_of_nothing_are_errors_that_say_so() {
    let options = CutOptions { budget: 10, merge: true };
    for (text, costs, lines) in [("a\nb", &[1][..], 2), ("a\nb\n", &[1, 1, 1, 1], 2), ("", &[1, 1], 0)] {
        let error = passages(TextForm::Lines, text, costs, options).unwrap_err();
        assert_eq!(error, CutError::Costs { lines, costs: costs.len() });
    }
    let error = passages(TextForm::Lines, "a", &[1], CutOptions { budget: 0, merge: true }).unwrap_err();
    assert_eq!(error, CutError::Budget);
}
