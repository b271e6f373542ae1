//! Damaged files of every kind are errors or models, never a crash, a hang or an error that is the engine's own.
//!
//! `PATINA_FUZZ_SECONDS` is how long, 10 unless set; `PATINA_FUZZ_SEED` starts with a case again.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use patina_embed::{EngineOptions, FileRole};
use support::cases::{copy_data, first_seed, new_seed, open_and_embed, run_as_child, run_children, setting, tell};
use support::damage::{Random, damage};
use support::{golden, options, replace, spec};

/// One model of each family and kind of file, with the goldens' file that describes it.
const MODELS: [(&str, &str); 7] = [
    ("bert-mean", "golden.json"),
    ("bert-mean", "golden-int8.json"),
    ("bert-cls", "golden.json"),
    ("nomic-mean", "golden.json"),
    ("qwen3-plain", "golden.json"),
    ("qwen3-gqa", "golden.json"),
    ("xlmr-mean", "golden.json"),
];

#[test]
fn damaged_files_are_errors_or_models() {
    let end = Instant::now() + Duration::from_secs(setting("PATINA_FUZZ_SECONDS").unwrap_or(10));
    run_children("damaged", first_seed(new_seed), |_| Instant::now() < end);
}

/// Not a test of its own: what the test above runs in other processes.
#[test]
#[ignore = "run by damaged_files_are_errors_or_models"]
fn child() {
    run_as_child(case);
}

/// Opens a model with one file damaged and, where that works, embeds with it.
fn case(seed: u64, folder: &Path) {
    let mut random = Random::new(seed);
    let (model, goldens) = MODELS[random.below(MODELS.len())];
    let mut spec = spec(model, &golden(model, goldens));
    let role = [FileRole::Tokenizer, FileRole::Config, FileRole::Weights, FileRole::Weights][random.below(4)];
    tell(seed, &format!("{role:?} of {model}"));
    let whole = spec.files.iter().find(|file| file.role == role).unwrap().path.clone();
    let mut bytes = std::fs::read(&whole).unwrap();
    damage(&mut bytes, &mut random);
    if role == FileRole::Weights {
        copy_data(&mut spec, folder);
    }
    let path = folder.join(whole.file_name().unwrap());
    std::fs::write(&path, bytes).unwrap();
    replace(&mut spec, role, &path);
    open_and_embed(seed, spec, &EngineOptions { threads: Some(1), ..options() });
}
