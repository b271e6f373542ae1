//! Where the keys and elements of a TOML text stand. Worked out only once something in it is known to be wrong.

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::problem::Path;

/// The offset of every key and array element, in bytes.
pub(super) struct Places(HashMap<Path, usize>);

impl Places {
    /// Those of `document`, which was read from `text`.
    pub fn of(text: &str, document: &DeTable) -> Self {
        let mut places = Self(HashMap::new());
        places.note_table(text, &Path::default(), document);
        places
    }

    /// The offset of a path, or of the nearest one above it that is in the text.
    pub fn at(&self, path: &Path) -> usize {
        let mut path = path.clone();
        loop {
            if let Some(offset) = self.0.get(&path) {
                return *offset;
            }
            if path.0.is_empty() {
                return 0;
            }
            path = path.parent();
        }
    }

    fn note_table(&mut self, text: &str, path: &Path, table: &DeTable) {
        for (key, value) in table {
            let path = path.key(key.get_ref());
            self.0.insert(path.clone(), expression_start(text, key.span().start));
            self.note_value(text, &path, value.get_ref());
        }
    }

    fn note_value(&mut self, text: &str, path: &Path, value: &DeValue) {
        match value {
            DeValue::Table(table) => self.note_table(text, path, table),
            DeValue::Array(array) => {
                for (index, element) in array.iter().enumerate() {
                    let path = path.index(index);
                    self.0.insert(path.clone(), element.span().start);
                    self.note_value(text, &path, element.get_ref());
                }
            }
            _ => {}
        }
    }
}

/// Where a dotted key or a header begins whose part `start` is: at its first name, or at its bracket.
fn expression_start(text: &str, start: usize) -> usize {
    let mut before = text[..start].trim_end_matches([' ', '\t']);
    let mut start = start;
    while let Some(rest) = before.strip_suffix('.') {
        let rest = rest.trim_end_matches([' ', '\t']);
        let name = match rest.chars().next_back() {
            Some(quote @ ('"' | '\'')) => {
                let body = &rest[..rest.len() - 1];
                let opening = body.rmatch_indices(quote).find(|(at, _)| !body[..*at].ends_with('\\'));
                opening.map_or(rest.len(), |(at, _)| at)
            }
            _ => rest.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter)).len(),
        };
        start = name;
        before = text[..name].trim_end_matches([' ', '\t']);
    }
    // No key of a table in an array follows the array's bracket directly, so this is a header.
    let header = before.trim_end_matches('[');
    if header.len() < before.len() { header.len() } else { start }
}

/// Line and column of an offset; both count from 1, columns in UTF-16 units as editors do.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.encode_utf16().count() + 1)
}
