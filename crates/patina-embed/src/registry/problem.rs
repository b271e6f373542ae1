//! What is wrong with a registry file, where in it, and the error that says so.

use std::path::Path as FilePath;

use toml::de::DeTable;

use super::place::{Places, line_and_column};
use crate::error::{Error, ErrorKind, Place};

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Where a value stands in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Path(pub Vec<Step>);

impl Path {
    pub fn key(&self, key: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.to_owned()));
        Self(steps)
    }

    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }

    pub fn parent(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// As a person writes it: `models."a-b".files[0].path`.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Index(index) => text.extend(["[", &index.to_string(), "]"]),
                Step::Key(key) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&if is_bare(key) { key.clone() } else { quoted(key) });
                }
            }
        }
        if text.is_empty() { "the file".to_owned() } else { printable(&text) }
    }

    /// ` in models."a-b"`, for what stands at this path; nothing at the top of the file.
    pub fn inside(&self) -> String {
        if self.0.len() < 2 { String::new() } else { format!(" in {}", self.parent().describe()) }
    }

    fn last_key(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }
}

/// A name of letters, digits and `_` that begins with no digit.
fn is_bare(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// Something wrong with a registry file.
#[derive(Debug)]
pub(super) struct Problem {
    pub path: Path,
    pub message: String,
    pub suggestion: Option<String>,
    /// The key at the end of `path` is not there; its place is that of the table it belongs to.
    pub missing: bool,
}

impl Problem {
    pub fn new(path: Path, message: impl Into<String>) -> Self {
        Self { path, message: message.into(), suggestion: None, missing: false }
    }
}

/// At most this many problems are listed; one wrong header can make twenty.
const MOST_LISTED: usize = 5;

/// The error for the problems of one file: the first one in the text leads, the others are listed under it. What is
/// written wrongly comes before what is missing, which often follows from it.
pub(super) fn registry_error(file: &FilePath, text: &str, document: &DeTable, mut problems: Vec<Problem>) -> Error {
    // A misspelled key is missing and unknown at once: one mistake, told once.
    let spelled: Vec<Path> = problems
        .iter()
        .filter_map(|problem| problem.suggestion.as_deref().map(|word| problem.path.parent().key(word)))
        .collect();
    problems.retain(|problem| !(problem.missing && spelled.contains(&problem.path)));

    let offsets = Places::of(text, document);
    let mut placed: Vec<_> =
        problems.iter().map(|problem| (problem.missing, offsets.at(&problem.path), problem)).collect();
    placed.sort_by_key(|(missing, offset, _)| (*missing, *offset));
    let mut lines: Vec<String> = placed
        .iter()
        .take(MOST_LISTED)
        .map(|(_, offset, problem)| {
            let (line, column) = line_and_column(text, *offset);
            let hint = problem.suggestion.as_ref().map_or_else(String::new, |word| format!("; did you mean {word:?}?"));
            format!("{}:{line}:{column}: {}{hint}", file.display(), problem.message)
        })
        .collect();
    if placed.len() > MOST_LISTED {
        lines.push(format!("… and {} more, which may follow from these", placed.len() - MOST_LISTED));
    }
    let error = Error::new(ErrorKind::RegistryInvalid, lines.join("\n")).with_file(file);
    let Some((_, offset, first)) = placed.first() else { return error };
    let (line, column) = line_and_column(text, *offset);
    let error = error.with_place(Place { line, column });
    let error = first.path.last_key().into_iter().fold(error, Error::with_key);
    first.suggestion.iter().fold(error, Error::with_suggestion)
}

/// The error for a text that is no TOML.
pub(super) fn syntax_error(file: &FilePath, text: &str, error: &toml::de::Error) -> Error {
    let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
    let reason = printable(error.message().lines().next().unwrap_or_default());
    let message = format!("{}:{line}:{column}: this is not valid TOML: {reason}", file.display());
    Error::new(ErrorKind::RegistryInvalid, message).with_file(file).with_place(Place { line, column })
}

/// Text from a file must not steer a terminal.
pub(super) fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// A text in quotes, as JSON has it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
