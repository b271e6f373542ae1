//! Parsing with an end: whatever the text, the work is bounded by its size.

use std::cell::Cell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

use crate::outline::Unparsed;

/// Bytes a text may have: a syntax tree takes some twenty times as many.
const LARGEST_TEXT: usize = 4 << 20;

/// Bytes that the parser is handed at once. How often it asks is how much it reads: a text whose every word makes the
/// lexer look ahead to the end takes a quadratic number of reads.
const READ: usize = 4096;

/// Steps that any text may take.
const FREE_STEPS: usize = 20_000;

/// Bytes of text that a step more may be taken for. A step is a read, or a hundred actions of the parser. Source code takes
/// a step for about 250 bytes; this leaves room for forty times as many.
const BYTES_A_STEP: usize = 6;

/// The syntax tree of a text.
pub(crate) fn parse(language: &tree_sitter::Language, text: &str) -> Result<Tree, Unparsed> {
    if text.len() > LARGEST_TEXT {
        return Err(Unparsed::TooLarge);
    }
    let mut parser = Parser::new();
    // The versions of library and grammars are locked together, and every grammar has a test.
    parser.set_language(language).map_err(|_| Unparsed::TooHard)?;
    let left = Cell::new(FREE_STEPS + text.len() / BYTES_A_STEP);
    let step = || {
        left.set(left.get().saturating_sub(1));
        left.get() > 0
    };
    let bytes = text.as_bytes();
    let mut read = |start: usize, _: Point| -> &[u8] {
        // At the end of what it reads a lexer stops, and the parser soon asks whether to go on.
        if step() { &bytes[start.min(bytes.len())..(start + READ).min(bytes.len())] } else { &[] }
    };
    let mut progress = |_: &ParseState| if step() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    // A tree of half a text must not be taken for one of the whole.
    tree.filter(|_| left.get() > 0).ok_or(Unparsed::TooHard)
}
