//! Source text to definitions, doc comments, imports, calls and passages, by tree-sitter. No network, no files: a text goes
//! in, and what it is made of comes out.
//!
//! ```
//! use patina_code::{CutOptions, Language, TextForm, outline, passages};
//!
//! let text = "/// Adds.\nfn add(a: u8, b: u8) -> u8 {\n    a.wrapping_add(b)\n}\n";
//! let found = outline(Language::Rust, text)?;
//! assert_eq!(found.definitions[0].name, "add");
//! assert_eq!(found.definitions[0].doc, "Adds.");
//! assert_eq!(found.calls[0].callee, "wrapping_add");
//!
//! let costs = [3, 15, 9, 1];
//! let options = CutOptions { budget: 250, merge: true };
//! let pieces = passages(TextForm::of_path("add.rs"), text, &costs, options)?;
//! assert_eq!((pieces[0].start_line, pieces[0].end_line), (1, 4));
//! assert_eq!(pieces[0].symbols, ["add"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod boundaries;
mod comments;
mod cutter;
mod definitions;
mod grammar;
mod grammars;
mod grouping;
mod language;
mod lines;
mod long_line;
mod markdown;
mod outline;
mod parse;
mod passages;
mod symbols;
mod walk;

pub use language::Language;
pub use outline::{Call, Definition, Import, Kind, Outline, Unparsed, outline};
pub use passages::{CutBy, CutError, CutOptions, Piece, TextForm, passages};
