//! Files that are made to hold a loader up: too large, or with patterns that search for hours.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::PathBuf;

use patina_embed::{Engine, ErrorKind, FileRole, ModelSpec};
use support::{Scratch, golden, options, replace, spec};

fn model() -> ModelSpec {
    spec("qwen3-plain", &golden("qwen3-plain", "golden.json"))
}

/// Opening the model with `path` in place of its file has to fail with an error that names the file and says `words`.
fn refused(role: FileRole, path: &PathBuf, words: &str) {
    let mut spec = model();
    replace(&mut spec, role, path.clone());
    let error = Engine::open(spec, &options()).err().unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(path.as_path())), "{error}");
    assert!(error.message().contains(words), "{error}");
}

#[test]
fn patterns_that_search_without_end_are_refused_when_the_engine_opens() {
    let scratch = Scratch::new("patterns");
    let whole = std::fs::read(model().file(FileRole::Tokenizer).unwrap()).unwrap();
    // Exponential, cubic and quadratic in the length of a text.
    for (index, pattern) in ["(a|aa)+$b", "a*a*b|a", r"[\s\S]*☃|[\s\S]"].into_iter().enumerate() {
        let mut tokenizer: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        let split = &mut tokenizer["pre_tokenizer"]["pretokenizers"][0];
        assert_eq!(split["type"], "Split");
        split["pattern"]["Regex"] = pattern.into();
        let path = scratch.path().join(format!("{index}.json"));
        std::fs::write(&path, tokenizer.to_string()).unwrap();
        refused(FileRole::Tokenizer, &path, "take too long");
    }
}

#[test]
fn files_larger_than_such_files_are_are_not_read() {
    let scratch = Scratch::new("large");
    for (role, name, size) in
        [(FileRole::Tokenizer, "tokenizer.json", 65_u64 << 20), (FileRole::Config, "config.json", 5 << 20)]
    {
        let path = scratch.path().join(name);
        // A hole of that size: it takes no room on the disk.
        std::fs::File::create(&path).unwrap().set_len(size).unwrap();
        refused(role, &path, "more than the");
    }
}
