//! The text of a registry becomes its entries, or an error that names every place in it that is wrong.

use std::collections::HashMap;
use std::path::Path as FilePath;

use toml::de::{DeTable, DeValue};

use super::entry::ModelEntry;
use super::problem::{Path, Problem, printable, registry_error, syntax_error};
use super::table::{Node, Problems, Table, found, number_of};
use super::{rules, schema, words};
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;

/// Bytes that a registry may have; the shipped one has forty thousand.
const LARGEST_FILE: u64 = 16 << 20;

/// Names that JavaScript gives a meaning of their own, so that its reader has to refuse them as keys of models.
const RESERVED: [&str; 3] = ["__proto__", "constructor", "prototype"];

/// The entries of a `registry.toml`, or of a user's overlay, sorted by key.
///
/// # Errors
/// [`ErrorKind::RegistryInvalid`] with line, column, key and the nearest known key of what is wrong first, and a line for
/// each further problem; [`ErrorKind::Io`] for a file that cannot be read.
pub fn read_registry(file: &FilePath) -> Result<Vec<ModelEntry>> {
    let bytes = read_limited(file, LARGEST_FILE, ErrorKind::Io)?;
    let text = std::str::from_utf8(&bytes).map_err(|source| {
        let message = format!("{} is not UTF-8 text; save it as UTF-8", file.display());
        Error::new(ErrorKind::RegistryInvalid, message).with_file(file).with_source(source)
    })?;
    let mut entries = parse(file, text.strip_prefix('\u{feff}').unwrap_or(text))?;
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(entries)
}

/// The entries of a text in its order.
fn parse(file: &FilePath, text: &str) -> Result<Vec<ModelEntry>> {
    let document = DeTable::parse(text).map_err(|error| syntax_error(file, text, &error))?;
    let document = document.get_ref();
    // One stage after the other: what a wrong value would break further on is not told a second time.
    let stages = |problems: &mut Problems| {
        check_reserved(document, problems);
        let entries = if problems.is_empty() { read_document(document, problems) } else { Vec::new() };
        if problems.is_empty() {
            for entry in &entries {
                rules::check_entry(entry, problems);
            }
        }
        if problems.is_empty() {
            problems.extend(taken_alias(&entries));
        }
        entries
    };
    let mut problems = Problems::new();
    let entries = stages(&mut problems);
    if problems.is_empty() { Ok(entries) } else { Err(registry_error(file, text, document, problems)) }
}

fn check_reserved(document: &DeTable, problems: &mut Problems) {
    let path = Path::default().key("models");
    match document.get("models").map(toml::Spanned::get_ref) {
        Some(DeValue::Array(_)) => problems.push(Problem::new(path, "models must be a table, not an array")),
        Some(DeValue::Table(models)) => {
            for key in RESERVED.into_iter().filter(|key| models.contains_key(*key)) {
                problems.push(Problem::new(path.key(key), format!("\"{key}\" cannot be the key of a model")));
            }
        }
        _ => {}
    }
}

fn read_document(document: &DeTable, problems: &mut Problems) -> Vec<ModelEntry> {
    let mut table = Table::new(document, Path::default(), problems);
    table.required("version", |node, problems| {
        let supported = number_of(node.value) == Some(1.0);
        if !supported {
            node.must_be("1", &found(node.value), problems);
        }
        supported.then_some(())
    });
    let entries = table.optional("models", read_models);
    table.finish();
    entries.unwrap_or_default()
}

fn read_models(node: &Node, problems: &mut Problems) -> Option<Vec<ModelEntry>> {
    let DeValue::Table(models) = node.value else {
        node.must_be("a table", &found(node.value), problems);
        return None;
    };
    let mut rows: Vec<_> = models.iter().collect();
    rows.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&toml::Spanned<toml::de::DeString>, &toml::Spanned<DeValue>)| {
        let (key, path) = (key.get_ref(), node.path.key(key.get_ref()));
        if !words::is_key(key) {
            let message = format!("the key \"{}\" of a model must be {}", printable(key), words::KEY);
            problems.push(Problem::new(path.clone(), message));
        }
        schema::model(key, &Node { path, value: value.get_ref() }, problems)
    };
    Some(rows.into_iter().filter_map(entry).collect())
}

/// The first alias that names two models.
fn taken_alias(entries: &[ModelEntry]) -> Option<Problem> {
    let mut key_of: HashMap<&str, &str> =
        entries.iter().map(|entry| (entry.key.as_str(), entry.key.as_str())).collect();
    for entry in entries {
        for (index, alias) in entry.aliases.iter().enumerate() {
            if let Some(other) = key_of.insert(alias, &entry.key) {
                let path = Path::default().key("models").key(&entry.key).key("aliases").index(index);
                let message = format!("the alias \"{alias}\" of \"{}\" already names the model \"{other}\"", entry.key);
                return Some(Problem::new(path, message));
            }
        }
    }
    None
}
