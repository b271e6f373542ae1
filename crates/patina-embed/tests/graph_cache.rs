//! The cache of optimised graphs: the same vectors, whatever state it is in.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use patina_embed::{EmbeddingEngine, Engine, EngineOptions};
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
        let written = fs::metadata(entry(&cache).join("record.json")).unwrap().modified().unwrap();
        assert_eq!(open(model, Some(&cache)).embed(TEXT).unwrap(), expected, "{model}, from the cache");
        let now = fs::metadata(entry(&cache).join("record.json")).unwrap().modified().unwrap();
        assert_eq!(now, written, "{model}: made once");
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
fn a_touched_entry_is_digested_and_used() {
    let cache = folder("touched");
    drop(open("bert-mean", Some(&cache)));
    let (graph, record) = (entry(&cache).join("model.onnx"), entry(&cache).join("record.json"));
    let made = fs::metadata(&record).unwrap().modified().unwrap();
    let bytes = fs::read(&graph).unwrap();
    fs::write(&graph, bytes).unwrap();
    drop(open("bert-mean", Some(&cache)));
    assert_eq!(fs::metadata(&record).unwrap().modified().unwrap(), made);
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_no_error() {
    let cache = folder("file");
    // A file where the folder should be stops even root.
    fs::create_dir_all(cache.parent().unwrap()).unwrap();
    fs::write(&cache, "").unwrap();
    let engine = open("bert-mean", Some(&cache));
    assert_eq!(engine.embed(TEXT).unwrap(), open("bert-mean", None).embed(TEXT).unwrap());
    let [warning] = engine.warnings() else { panic!("{:?}", engine.warnings()) };
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
