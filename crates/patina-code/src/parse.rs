//! Parsing with an end: whatever the text, the work is bounded by its size.

use std::cell::Cell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

use crate::outline::Unparsed;

/// Bytes a text may have. What takes the parser long without its asking whether to go on grows with the square of this.
const LARGEST_TEXT: usize = 1 << 20;

/// Bytes that the parser is handed at once. How often it asks is how much it reads: a text whose every word makes the
/// lexer look ahead to the end takes a quadratic number of reads.
const READ: usize = 4096;

/// Reads that any text may take, and the bytes of text for which it may take one more.
const READS: Allowance = Allowance { free: 2_000, bytes_a_step: 64 };

/// The same of steps of a hundred actions of the parser each. Of 3,500 files in six languages (a fifth of them headers of C++
/// that did not parse whole) one took 0.018 for a byte, most 0.006.
///
/// This does not bound everything: where a text is broken throughout and ambiguous too, the parser's last action takes memory
/// that grows with the square of the text, and nobody can stop it there (in Python `/* ` on every line: 0.4 GB for 4 KB).
const ACTIONS: Allowance = Allowance { free: 20, bytes_a_step: 50 };

struct Allowance {
    free: usize,
    bytes_a_step: usize,
}

impl Allowance {
    /// What a text may take.
    fn of(&self, text: &str) -> Cell<usize> {
        Cell::new(self.free + text.len() / self.bytes_a_step)
    }
}

/// Takes one; false where there is none left.
fn take(left: &Cell<usize>) -> bool {
    left.set(left.get().saturating_sub(1));
    left.get() > 0
}

/// The syntax tree of a text.
pub(crate) fn parse(language: &tree_sitter::Language, text: &str) -> Result<Tree, Unparsed> {
    if text.len() > LARGEST_TEXT {
        return Err(Unparsed::TooLarge);
    }
    let mut parser = Parser::new();
    // The versions of library and grammars are locked together, and every grammar has a test.
    parser.set_language(language).map_err(|_| Unparsed::TooHard)?;
    let (reads, actions) = (READS.of(text), ACTIONS.of(text));
    let bytes = text.as_bytes();
    let mut read = |start: usize, _: Point| -> &[u8] {
        // At the end of what it reads a lexer stops, and the parser soon asks whether to go on.
        if take(&reads) { &bytes[start.min(bytes.len())..(start + READ).min(bytes.len())] } else { &[] }
    };
    let mut progress = |_: &ParseState| {
        if reads.get() > 0 && take(&actions) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    // A tree of half a text must not be taken for one of the whole.
    tree.filter(|_| reads.get() > 0 && actions.get() > 0).ok_or(Unparsed::TooHard)
}
