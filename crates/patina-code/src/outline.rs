//! What a source text defines, imports and calls.

use std::fmt;

use crate::grammar::Grammar;
use crate::language::Language;
use crate::parse::parse;
use crate::walk::walk;

/// What a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A function of its own, or one that a variable is bound to.
    Function,
    /// A function of a class, an interface, a type.
    Method,
    /// A class; a record of Java.
    Class,
    /// A struct or union.
    Struct,
    /// An enumeration.
    Enum,
    /// An interface; an annotation type of Java.
    Interface,
    /// A trait.
    Trait,
    /// An `impl` block, named by the type it is for.
    Impl,
    /// A type by another name.
    Type,
    /// A module or namespace with its contents.
    Module,
    /// A macro.
    Macro,
    /// A constant or variable at the top of a file, module or `impl`.
    Constant,
}

impl Kind {
    /// A word for it, in small letters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Method => "method",
            Self::Class => "class",
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Interface => "interface",
            Self::Trait => "trait",
            Self::Impl => "impl",
            Self::Type => "type",
            Self::Module => "module",
            Self::Macro => "macro",
            Self::Constant => "constant",
        }
    }

    /// Whether it is made of members, each of which can be read on its own.
    #[must_use]
    pub fn has_members(self) -> bool {
        matches!(
            self,
            Self::Class | Self::Struct | Self::Enum | Self::Interface | Self::Trait | Self::Impl | Self::Module
        )
    }
}

/// Something that a text defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What it is.
    pub kind: Kind,
    /// Its name: at most 200 bytes, on one line.
    pub name: String,
    /// What the name itself says it belongs to: `Server` of Go's `func (s *Server) Run()`, `A.B` of C++'s `A::B::run`.
    pub scope: Option<String>,
    /// Index of the definition around it.
    pub parent: Option<usize>,
    /// Bytes, with the comments, attributes and decorators above it.
    pub bytes: std::ops::Range<usize>,
    /// First line, from 1, comments, attributes and decorators above it included.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// What its documentation says, without comment marks; empty where there is none.
    pub doc: String,
}

/// Something that a text takes from another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Where from, as the language writes it: `./cut.ts`, `std::fmt`, `os.path`, `stdio.h`.
    pub module: String,
    /// What is taken, by its name there; `*` for everything, nothing where the module as a whole is.
    pub names: Vec<String>,
    /// The line, from 1.
    pub line: u32,
}

/// A call of a function, method, constructor or macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The last name of what is called: `search` of `index.search(…)`.
    pub callee: String,
    /// The line it starts on, from 1.
    pub line: u32,
    /// Index of the innermost definition that holds it.
    pub within: Option<usize>,
}

/// What a text is made of. Where it is broken, what could be read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// In the order of their starts; what is around others comes before them.
    pub definitions: Vec<Definition>,
    /// In the order of the text.
    pub imports: Vec<Import>,
    /// In the order of the text.
    pub calls: Vec<Call>,
    /// Whether some of the text did not parse.
    pub broken: bool,
}

/// Names that a trail has at most; of a deeper one the innermost are kept.
const LONGEST_TRAIL: usize = 16;

impl Outline {
    /// The names around a definition, outermost first, at most 16.
    ///
    /// # Panics
    /// Where there is no definition of this index.
    #[must_use]
    pub fn trail(&self, index: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut at = &self.definitions[index];
        while names.len() < LONGEST_TRAIL {
            names.extend(at.scope.as_deref());
            let Some(parent) = at.parent else { break };
            at = &self.definitions[parent];
            names.push(at.name.as_str());
        }
        names.reverse();
        names
    }

    /// A definition's name with those around it, dots between: `SearchIndex.search`. Constructors and the like whose name
    /// repeats that of what they are in have it once more.
    ///
    /// # Panics
    /// Where there is no definition of this index.
    #[must_use]
    pub fn symbol(&self, index: usize) -> String {
        let mut names = self.trail(index);
        names.push(&self.definitions[index].name);
        names.join(".")
    }
}

/// Why a text has no outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unparsed {
    /// It has more than 1 MiB.
    TooLarge,
    /// Its parser had done a multiple of what such a text takes, and was not done.
    TooHard,
}

impl fmt::Display for Unparsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLarge => "the text has more than 1 MiB and is not parsed",
            Self::TooHard => "the text takes its parser many times as long as others of its size, and was given up",
        })
    }
}

impl std::error::Error for Unparsed {}

/// Takes a text apart. Broken code gives what could be read of it.
///
/// # Errors
/// [`Unparsed`] for a text that is too large, or so made that parsing it would take far longer than its size says. The same
/// text is always refused or never: work is counted, not time.
pub fn outline(language: Language, text: &str) -> Result<Outline, Unparsed> {
    let grammar = Grammar::of(language);
    let tree = parse(&grammar.language, text)?;
    Ok(walk(grammar, &tree, text))
}
