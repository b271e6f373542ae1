//! The cache of optimised graphs: the same vectors, whatever state it is in.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use patina_embed::{EmbeddingEngine, Engine, EngineOptions, ErrorKind, FileRole};
use support::{golden, options, spec};

const TEXT: &str = "A patina protects the copper below it.";

/// A folder for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn open(model: &str, cache: Option<&Path>) -> Engine {
    let options = EngineOptions { graph_cache: cache.map(Path::to_path_buf), ..options() };
    Engine::open(spec(model, &golden(model, "golden.json")), &options).unwrap()
}

/// The one entry of a cache.
fn entry(cache: &Path) -> PathBuf {
    let entries: Vec<_> = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}

#[test]
fn an_optimised_graph_gives_the_same_vector_to_the_bit() {
    for model in ["bert-mean", "bert-cls", "xlmr-mean"] {
        let cache = folder("same").join(model);
        let expected = open(model, None).embed(TEXT).unwrap();
        let made = open(model, Some(&cache));
        assert!(made.warnings().is_empty(), "{:?}", made.warnings());
        assert_eq!(made.embed(TEXT).unwrap(), expected, "{model}, when it is made");
        let made = |folder: &Path| fs::metadata(folder.join("weights.bin")).unwrap().modified().unwrap();
        let written = made(&entry(&cache));
        assert_eq!(open(model, Some(&cache)).embed(TEXT).unwrap(), expected, "{model}, from the cache");
        assert_eq!(made(&entry(&cache)), written, "{model}: made once");
    }
}

#[test]
fn single_texts_in_a_row_have_the_same_vector_to_the_bit() {
    // From the third on another session computes them, with all threads of the engine.
    for model in ["bert-mean", "bert-cls", "xlmr-mean"] {
        let expected = open(model, None).embed(TEXT).unwrap();
        let engine = open(model, Some(&folder("row").join(model)));
        for time in 0..50 {
            assert_eq!(engine.embed(TEXT).unwrap(), expected, "{model}, time {time}");
        }
        assert!(engine.warnings().is_empty(), "{:?}", engine.warnings());
    }
}

#[test]
fn a_damaged_entry_is_made_again() {
    let expected = open("bert-mean", None).embed(TEXT).unwrap();
    let cache = folder("damaged");
    drop(open("bert-mean", Some(&cache)));
    let whole = fs::read(entry(&cache).join("weights.bin")).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x40;
    let half = whole[..whole.len() / 2].to_vec();
    for (what, bytes) in [("a flipped bit", flipped), ("half of it", half), ("nothing", Vec::new())] {
        fs::write(entry(&cache).join("weights.bin"), bytes).unwrap();
        assert_eq!(open("bert-mean", Some(&cache)).embed(TEXT).unwrap(), expected, "{what}");
        assert_eq!(fs::read(entry(&cache).join("weights.bin")).unwrap(), whole, "{what} is whole again");
    }
    fs::remove_file(entry(&cache).join("model.onnx")).unwrap();
    assert_eq!(open("bert-mean", Some(&cache)).embed(TEXT).unwrap(), expected, "without the graph");
    fs::write(entry(&cache).join("record.json"), "{").unwrap();
    assert_eq!(open("bert-mean", Some(&cache)).embed(TEXT).unwrap(), expected, "without a record");
}

#[test]
fn an_optimised_graph_is_no_model_of_its_own() {
    let cache = folder("no_model");
    drop(open("bert-mean", Some(&cache)));
    let mut spec = spec("bert-mean", &golden("bert-mean", "golden.json"));
    for file in spec.files.iter_mut().filter(|file| file.role == FileRole::Weights) {
        file.path = entry(&cache).join("model.onnx");
    }
    // Its weights are packed for this processor; loaded unseen, such a file of another could end the process.
    let Err(error) = Engine::open(spec, &options()) else { panic!("it was opened") };
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.to_string().contains("packed for one kind of processor"), "{error}");
}

#[test]
fn a_touched_entry_is_digested_and_used() {
    let cache = folder("touched");
    drop(open("bert-mean", Some(&cache)));
    let (graph, weights) = (entry(&cache).join("model.onnx"), entry(&cache).join("weights.bin"));
    let made = fs::metadata(&weights).unwrap().modified().unwrap();
    let bytes = fs::read(&graph).unwrap();
    fs::write(&graph, bytes).unwrap();
    drop(open("bert-mean", Some(&cache)));
    assert_eq!(fs::metadata(&weights).unwrap().modified().unwrap(), made);
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_no_error() {
    let cache = folder("file");
    // A file where the folder should be stops even root.
    fs::create_dir_all(cache.parent().unwrap()).unwrap();
    fs::write(&cache, "").unwrap();
    let engine = open("bert-mean", Some(&cache));
    assert_eq!(engine.embed(TEXT).unwrap(), open("bert-mean", None).embed(TEXT).unwrap());
    let [warning] = &engine.warnings()[..] else { panic!("{:?}", engine.warnings()) };
    assert!(warning.contains("model.onnx cannot be kept"), "{warning}");
    fs::remove_file(&cache).unwrap();
}

#[test]
fn another_model_has_another_entry() {
    let cache = folder("two");
    drop(open("bert-mean", Some(&cache)));
    drop(open("bert-cls", Some(&cache)));
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 2);
}

#[test]
fn what_nobody_used_for_long_is_removed_and_the_rest_stays() {
    let cache = folder("unused");
    drop(open("bert-mean", Some(&cache)));
    let old = cache.join("0".repeat(32));
    fs::rename(entry(&cache), &old).unwrap();
    let recent = cache.join("1".repeat(32));
    fs::create_dir(&recent).unwrap();
    fs::copy(old.join("record.json"), recent.join("record.json")).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(31 * 24);
    let record = fs::File::options().write(true).open(old.join("record.json")).unwrap();
    record.set_modified(long_ago).unwrap();
    // A draft of a process that was killed, and one of a process that may be at it.
    for (name, time) in [(".draft-1-0x1", long_ago), (".draft-2-0x2", std::time::SystemTime::now())] {
        fs::create_dir(cache.join(name)).unwrap();
        fs::File::open(cache.join(name)).unwrap().set_modified(time).unwrap();
    }
    drop(open("bert-mean", Some(&cache)));
    assert!(!old.exists() && !cache.join(".draft-1-0x1").exists());
    assert!(recent.exists() && cache.join(".draft-2-0x2").exists());
    // The one that was just made, the one that was used lately and the draft.
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 3);
}

#[test]
fn engines_that_open_at_once_leave_one_entry() {
    let expected = open("bert-mean", None).embed(TEXT).unwrap();
    let cache = folder("race");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(open("bert-mean", Some(&cache)).embed(TEXT).unwrap(), expected));
        }
    });
    entry(&cache);
}

#[test]
fn a_model_with_its_weights_in_a_file_of_their_own_is_not_written_again() {
    let cache = folder("external");
    let engine = open("qwen3-plain", Some(&cache));
    assert!(engine.warnings().is_empty());
    assert!(!cache.exists());
}
