//! Texts to pieces that are embedded and found: along definitions, headings, paragraphs or lines.

use std::fmt;
use std::ops::Range;

use crate::boundaries::{code_boundary, prose_boundary};
use crate::cutter::{Cut, Cutter};
use crate::definitions::add_definitions;
use crate::grouping::Rules;
use crate::language::{Language, extension};
use crate::lines::Lines;
use crate::markdown::sections_of;
use crate::outline::outline;
use crate::symbols::Symbols;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// Source code in a language that has a grammar.
    Code(Language),
    /// Markdown.
    Markdown,
    /// Prose in another markup, or in none.
    Prose,
    /// What else there is in files: code without a grammar, configuration, data.
    Lines,
}

impl TextForm {
    /// What the file of a path holds, by its name's ending.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        match extension(path).as_deref() {
            Some("md" | "mdx" | "markdown" | "mdown") => Self::Markdown,
            Some("txt" | "rst" | "adoc" | "asciidoc" | "org" | "tex") => Self::Prose,
            _ => Language::of_path(path).map_or(Self::Lines, Self::Code),
        }
    }
}

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOptions {
    /// What the lines of a piece may cost together, at least 1.
    pub budget: u32,
    /// Whether small definitions share a piece with their neighbours; else each has one of its own.
    pub merge: bool,
}

/// What a piece was cut along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CutBy {
    /// The definitions of source code.
    Definitions,
    /// The headings of Markdown.
    Headings,
    /// The paragraphs of prose.
    Paragraphs,
    /// Lines, by how they look: no grammar knows the text, or it could not be parsed.
    Lines,
}

impl CutBy {
    /// A word for it, in small letters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Headings => "headings",
            Self::Paragraphs => "paragraphs",
            Self::Lines => "lines",
        }
    }
}

/// Lines of a text that belong together, or a part of one line that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First line, from 1; not blank.
    pub start_line: u32,
    /// Last line, inclusive; not blank.
    pub end_line: u32,
    /// How many lines at the start are the last of the piece before: only within a definition that had to be cut.
    pub overlap: u32,
    /// The lines, or the part of the line.
    pub text: String,
    /// Definitions it has the start of, after those that it is a part of, each with the names around it:
    /// `SearchIndex.search`.
    pub symbols: Vec<String>,
    /// First- and second-level headings it is under, outermost first.
    pub headings: Vec<String>,
    /// What it was cut along.
    pub by: CutBy,
}

/// Why a text cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CutError {
    /// There is not one cost for each line.
    Costs {
        /// Lines there are, without the empty one after a last line break.
        lines: usize,
        /// Costs there are.
        costs: usize,
    },
    /// The budget is 0.
    Budget,
}

impl fmt::Display for CutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Costs { lines, costs } => {
                write!(formatter, "there are {costs} costs for {lines} lines; each line needs one, in the text's order")
            }
            Self::Budget => formatter.write_str("the budget of a piece has to be at least 1, not 0"),
        }
    }
}

impl std::error::Error for CutError {}

/// Cuts a text into pieces of which none costs more than the budget.
///
/// `costs` has what each line costs, as `text.split('\n')` has them (the empty one after a last line break may be left out),
/// in any unit: tokens, most likely. A line that is not blank costs 1 at least.
///
/// A definition that fits is whole in one piece, with its comments; small ones share it with their neighbours, one that
/// fills half of it does not. Of a class, `impl` or module that does not fit the members are seen to one by one, and any other
/// definition is cut where that hurts least: there, and only there, a piece begins with up to three lines of the one before.
/// Apart from those, every line that is not blank is in exactly one piece, except that a line above the budget is cut within
/// itself and is alone in its pieces; a part is taken to cost its share of the line by bytes.
///
/// # Errors
/// [`CutError`].
pub fn passages(form: TextForm, text: &str, costs: &[u32], options: CutOptions) -> Result<Vec<Piece>, CutError> {
    if options.budget == 0 {
        return Err(CutError::Budget);
    }
    let Some(lines) = Lines::new(text, costs) else {
        let count = text.split('\n').count() - usize::from(text.is_empty() || text.ends_with('\n'));
        return Err(CutError::Costs { lines: count, costs: costs.len() });
    };
    let lines = &lines;
    let all = 0..lines.len();
    let rules = Rules { budget: u64::from(options.budget), merge: options.merge };
    let by_lines = |range: Range<usize>, boundary| {
        let mut cutter = Cutter::new(lines, rules, boundary);
        cutter.loose(range, None);
        cutter.finish()
    };
    Ok(match form {
        TextForm::Code(language) => match outline(language, text) {
            Ok(outline) => {
                let mut cutter = Cutter::new(lines, rules, code_boundary);
                add_definitions(&mut cutter, lines, &outline, rules.budget);
                let symbols = Symbols::new(&outline);
                let cuts = cutter.finish();
                cuts.iter().map(|cut| piece(lines, cut, CutBy::Definitions, symbols.of(cut, lines), &[])).collect()
            }
            Err(_) => pieces(lines, &by_lines(all, code_boundary), CutBy::Lines, &[]),
        },
        TextForm::Markdown => sections_of(&lines.all)
            .into_iter()
            .flat_map(|section| {
                pieces(lines, &by_lines(section.lines, prose_boundary), CutBy::Headings, &section.headings)
            })
            .collect(),
        TextForm::Prose => pieces(lines, &by_lines(all, prose_boundary), CutBy::Paragraphs, &[]),
        TextForm::Lines => pieces(lines, &by_lines(all, code_boundary), CutBy::Lines, &[]),
    })
}

fn pieces(lines: &Lines, cuts: &[Cut], by: CutBy, headings: &[String]) -> Vec<Piece> {
    cuts.iter().map(|cut| piece(lines, cut, by, Vec::new(), headings)).collect()
}

fn piece(lines: &Lines, cut: &Cut, by: CutBy, symbols: Vec<String>, headings: &[String]) -> Piece {
    let text = match &cut.part {
        Some(part) => lines.all[cut.lines.start][part.clone()].to_owned(),
        None => lines.text(cut.lines.clone()),
    };
    Piece {
        start_line: cut.lines.start as u32 + 1,
        end_line: cut.lines.end as u32,
        overlap: cut.overlap as u32,
        text,
        symbols,
        headings: headings.to_vec(),
        by,
    }
}
