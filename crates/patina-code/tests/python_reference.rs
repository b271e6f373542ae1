//! Outlines of Python, held against what Python's own parser found (see `texts/python_reference.py`). `PATINA_PYTHON_FILES`
//! and `PATINA_PYTHON_REFERENCE` name a folder and what the script wrote for the files in it, to compare more.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use patina_code::{Language, outline};
use serde_json::{Value, json};

/// What is compared, in any order.
fn sorted(mut values: Vec<Value>) -> Vec<String> {
    values.sort_by_cached_key(Value::to_string);
    values.iter().map(Value::to_string).collect()
}

/// A start without the comments above, which Python's parser does not see.
fn start_of(text: &str, line: u32) -> usize {
    let comments = text.lines().skip(line as usize - 1).take_while(|line| line.trim_start().starts_with('#'));
    line as usize + comments.count()
}

fn compare(name: &str, text: &str, reference: &Value) {
    let found = outline(Language::Python, text).unwrap();
    let definition = |(index, definition): (usize, &patina_code::Definition)| {
        let start = start_of(text, definition.start_line);
        json!([definition.kind.name(), found.symbol(index), start, definition.end_line, definition.doc])
    };
    let definitions = found.definitions.iter().enumerate().map(definition).collect();
    let imports = found.imports.iter().map(|import| json!([import.module, import.names, import.line])).collect();
    let calls = found.calls.iter().map(|call| json!([call.callee, call.line])).collect();
    for (what, found) in [("definitions", definitions), ("imports", imports), ("calls", calls)] {
        let expected = sorted(reference[what].as_array().unwrap().clone());
        let found = sorted(found);
        let missing: Vec<_> = expected.iter().filter(|value| !found.contains(value)).collect();
        let more: Vec<_> = found.iter().filter(|value| !expected.contains(value)).collect();
        assert!(found == expected, "{what} of {name}: {missing:#?} missing, {more:#?} more");
    }
}

#[test]
fn python_is_read_as_python_reads_it() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts");
    let folder = std::env::var_os("PATINA_PYTHON_FILES").map_or_else(|| own.clone(), PathBuf::from);
    let file = std::env::var_os("PATINA_PYTHON_REFERENCE").map_or_else(|| own.join("sample.py.json"), PathBuf::from);
    let reference: BTreeMap<String, Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(!reference.is_empty());
    for (name, reference) in reference {
        compare(&name, &std::fs::read_to_string(folder.join(&name)).unwrap(), &reference);
    }
}
