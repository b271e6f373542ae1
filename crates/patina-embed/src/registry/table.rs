//! Reading TOML values of a wanted shape. What is of another shape becomes a problem, told in the words that the
//! TypeScript reader uses.

use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::problem::{Path, Problem, printable, quoted};

/// Above this a number of JavaScript is no longer exact, and the TypeScript reader refuses it.
const LARGEST_INTEGER: i64 = (1 << 53) - 1;

/// Everything that was found wrong so far.
pub(super) type Problems = Vec<Problem>;

/// What a number has to be, in words, and whether it is.
pub(super) type Rule = (&'static str, fn(f64) -> bool);

/// A value and where it stands.
pub(super) struct Node<'doc> {
    pub path: Path,
    pub value: &'doc DeValue<'doc>,
}

/// A table that is asked for its keys one by one; [`Table::finish`] tells what nobody asked for.
pub(super) struct Table<'read, 'doc> {
    entries: &'doc DeTable<'doc>,
    path: Path,
    known: Vec<&'static str>,
    pub problems: &'read mut Problems,
}

impl<'read, 'doc> Table<'read, 'doc> {
    pub fn new(entries: &'doc DeTable<'doc>, path: Path, problems: &'read mut Problems) -> Self {
        Self { entries, path, known: Vec::new(), problems }
    }

    /// The value of a key that has to be there; nothing where a problem was noted instead.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node<'doc>, &mut Problems) -> Option<T>,
    ) -> Option<T> {
        if !self.entries.contains_key(key) {
            self.problems.push(missing_key(&self.path, key));
        }
        self.optional(key, read)
    }

    /// The value of a key that may be there.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Node<'doc>, &mut Problems) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let value = self.entries.get(key)?.get_ref();
        read(&Node { path: self.path.key(key), value }, self.problems)
    }

    /// Notes the keys that are not known, each with the nearest that is, or with all that are.
    pub fn finish(self) {
        let mut unknown: Vec<_> =
            self.entries.keys().filter(|key| !self.known.contains(&key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            self.problems.push(unknown_key(&self.path, key.get_ref(), &self.known));
        }
    }

    /// Notes that the key which tells kinds of this table apart is missing, or misspelled: it hides all others.
    pub fn without_kind(self, kind: &'static str) {
        let mut keys: Vec<_> = self.entries.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        let near = nearest(kind, keys.iter().map(|key| key.get_ref().as_ref()));
        self.problems.push(match near {
            Some(near) => unknown_key(&self.path, near, &[kind]),
            None => missing_key(&self.path, kind),
        });
    }
}

fn missing_key(table: &Path, key: &str) -> Problem {
    let path = table.key(key);
    let message = format!("the key {key:?} is missing{}", path.inside());
    Problem { missing: true, ..Problem::new(path, message) }
}

fn unknown_key(table: &Path, key: &str, known: &[&'static str]) -> Problem {
    let path = table.key(key);
    let suggestion = nearest(key, known.iter().copied()).map(str::to_owned);
    let list = if suggestion.is_none() { format!(" (known: {})", known.join(", ")) } else { String::new() };
    let message = format!("unknown key \"{}\"{}{list}", printable(key), path.inside());
    Problem { suggestion, ..Problem::new(path, message) }
}

impl<'doc> Node<'doc> {
    /// The table that this is.
    pub fn table<'read>(&self, problems: &'read mut Problems) -> Option<Table<'read, 'doc>> {
        let DeValue::Table(entries) = self.value else {
            return self.another_type("a table", problems);
        };
        Some(Table::new(entries, self.path.clone(), problems))
    }

    /// The elements of the array that this is, each read by `read`; those with a problem are left out.
    pub fn array<T>(
        &self,
        read: impl Fn(&Node<'doc>, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<Vec<T>> {
        let DeValue::Array(elements) = self.value else { return self.another_type("an array", problems) };
        let node = |(index, element): (usize, &'doc toml::Spanned<DeValue<'doc>>)| Node {
            path: self.path.index(index),
            value: element.get_ref(),
        };
        Some(elements.iter().enumerate().filter_map(|element| read(&node(element), problems)).collect())
    }

    /// The same of an array that holds at least one element.
    pub fn some<T>(
        &self,
        what: &str,
        read: impl Fn(&Node<'doc>, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<Vec<T>> {
        let elements = self.array(read, problems)?;
        if matches!(self.value, DeValue::Array(array) if array.is_empty()) {
            self.must_be(&format!("at least one {what}"), "an empty array", problems);
        }
        Some(elements)
    }

    pub fn string(&self, problems: &mut Problems) -> Option<String> {
        match self.value {
            DeValue::String(text) => Some(text.to_string()),
            _ => self.another_type("a string", problems),
        }
    }

    /// A string for which `fits`; `what` says in words what it must be.
    pub fn text(&self, what: &str, fits: impl Fn(&str) -> bool, problems: &mut Problems) -> Option<String> {
        let text = self.string(problems)?;
        if !fits(&text) {
            self.must_be(what, &quoted(&text), problems);
        }
        Some(text)
    }

    pub fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        match self.value {
            DeValue::Boolean(value) => Some(*value),
            _ => self.another_type("true or false", problems),
        }
    }

    /// A number for which all of `rules` hold; each says in words what the number must be.
    pub fn number(&self, rules: &[Rule], problems: &mut Problems) -> Option<f64> {
        let Some(value) = number_of(self.value).filter(|value| !value.is_nan()) else {
            let too_large = matches!(self.value, DeValue::Integer(_));
            let largest = format!("a whole number of at most {LARGEST_INTEGER}");
            return self.another_type(if too_large { &largest } else { "a number" }, problems);
        };
        for (what, holds) in rules {
            if !holds(value) {
                self.must_be(what, &number_text(value), problems);
            }
        }
        Some(value)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, choices: &[(&'static str, T)], problems: &mut Problems) -> Option<T> {
        let word = self.value.as_str();
        if let Some((_, choice)) = choices.iter().find(|(name, _)| Some(*name) == word) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message =
            format!("{} must be one of {}, not {}", self.path.describe(), names.join(", "), found(self.value));
        let suggestion = word.and_then(|word| nearest(word, names)).map(str::to_owned);
        problems.push(Problem { suggestion, ..Problem::new(self.path.clone(), message) });
        None
    }

    pub fn must_be(&self, what: &str, found: &str, problems: &mut Problems) {
        let message = format!("{} must be {what}, not {}", self.path.describe(), printable(found));
        problems.push(Problem::new(self.path.clone(), message));
    }

    fn another_type<T>(&self, wanted: &str, problems: &mut Problems) -> Option<T> {
        self.must_be(wanted, &found(self.value), problems);
        None
    }
}

/// The number that a value is, where JavaScript can hold it exactly.
pub(super) fn number_of(value: &DeValue) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|value| value.abs() <= LARGEST_INTEGER)
            .map(|value| value as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}

/// A value in words.
pub(super) fn found(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => printable(&format!("\"{text}\"")),
        DeValue::Integer(integer) => number_of(value).map_or_else(|| integer.to_string(), number_text),
        DeValue::Float(float) => number_of(value).map_or_else(|| float.as_str().to_owned(), number_text),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn number_text(value: f64) -> String {
    if value.is_nan() { "nan".to_owned() } else { value.to_string() }
}
