//! The roles of each grammar's nodes, a file a family of languages.

mod c;
mod ecma;
mod go;
mod java;
mod python;
mod rust;

use crate::grammar::Grammar;
use crate::language::Language;

/// The grammar of a language.
pub(crate) fn grammar(language: Language) -> Grammar {
    match language {
        Language::TypeScript => ecma::grammar(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
        Language::Tsx => ecma::grammar(tree_sitter_typescript::LANGUAGE_TSX.into()),
        Language::JavaScript => ecma::grammar(tree_sitter_javascript::LANGUAGE.into()),
        Language::Rust => rust::grammar(),
        Language::Python => python::grammar(),
        Language::Go => go::grammar(),
        Language::Java => java::grammar(),
        Language::C => c::grammar(tree_sitter_c::LANGUAGE.into()),
        Language::Cpp => c::grammar(tree_sitter_cpp::LANGUAGE.into()),
    }
}
