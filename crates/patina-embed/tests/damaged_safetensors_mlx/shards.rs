//! Models in several files, and the index that says what is in which.

use std::path::PathBuf;

use patina_embed::{ErrorKind, FileRole};
use serde_json::{Value, json};

use super::Damaged;
use super::support::safetensors::Tensors;

const MODEL: &str = "qwen3-float32";
const INDEX: &str = "model.safetensors.index.json";
const SHARDS: [&str; 2] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
/// In the first shard.
const WORDS: &str = "model.embed_tokens.weight";
/// In the second.
const NORM: &str = "model.norm.weight";

/// The model with its shards and index copied to where they can be changed.
fn model() -> Damaged {
    let mut damaged = Damaged::new(MODEL);
    for file in &mut damaged.spec.files {
        let copy = damaged.scratch.path().join(file.path.file_name().unwrap());
        std::fs::copy(&file.path, &copy).unwrap();
        file.path = copy;
    }
    damaged
}

fn path(damaged: &Damaged, name: &str) -> PathBuf {
    damaged.scratch.path().join(name)
}

/// A model whose index was changed is refused with `what` about it.
fn refused(change: impl Fn(&mut Value), what: &str) {
    let damaged = model();
    let path = path(&damaged, INDEX);
    let mut index = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut index);
    std::fs::write(&path, index.to_string()).unwrap();
    damaged.refused(ErrorKind::Integrity, &format!("FILE: {what}"));
}

#[test]
fn an_undamaged_copy_opens() {
    model().open().unwrap();
}

#[test]
fn a_tensor_in_two_shards_is_named_with_both() {
    let damaged = model();
    let mut first = Tensors::read(&path(&damaged, SHARDS[0]));
    let second = path(&damaged, SHARDS[1]);
    let mut tensors = Tensors::read(&second);
    tensors.0.push(first.take(WORDS));
    std::fs::write(&second, tensors.write()).unwrap();
    let other = path(&damaged, SHARDS[0]);
    damaged.refused(ErrorKind::Integrity, &format!("FILE: tensor {WORDS} is in {} as well", other.display()));
}

#[test]
fn an_index_that_looks_for_a_tensor_elsewhere_is_refused() {
    let long = "a".repeat(1 << 20);
    let file = |name: &str| format!("../{name}");
    for shard in [
        SHARDS[1],
        "",
        ".",
        "..",
        "model-00003-of-00002.safetensors",
        "/etc/passwd",
        "/dev/zero",
        "a\0b",
        &file(SHARDS[0]),
        &long,
    ] {
        refused(
            |index| index["weight_map"][WORDS] = shard.into(),
            &format!("tensor {WORDS} shall be in {shard:?} and is not"),
        );
    }
}

#[test]
fn an_index_that_knows_other_tensors_is_refused() {
    refused(
        |index| index["weight_map"]["model.layers.3.mlp.up_proj.weight"] = SHARDS[1].into(),
        &format!("tensor model.layers.3.mlp.up_proj.weight shall be in {:?} and is not", SHARDS[1]),
    );
    let shard = "FOLDER/".to_owned() + SHARDS[1];
    let damaged = model();
    let path = path(&damaged, INDEX);
    let mut index: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    index["weight_map"].as_object_mut().unwrap().remove(NORM);
    std::fs::write(&path, index.to_string()).unwrap();
    let shard = shard.replace("FOLDER", &damaged.scratch.path().display().to_string());
    damaged.refused(ErrorKind::Integrity, &format!("FILE: tensor {NORM} of {shard} is not in it"));
}

#[test]
fn what_is_no_index_is_refused() {
    refused(|index| *index = json!([]), "invalid length 0, expected struct Index with 1 element at line 1 column 2");
    refused(
        |index| *index = json!("weight_map"),
        "invalid type: string \"weight_map\", expected struct Index at line 1 column 12",
    );
    refused(|index| *index = json!({}), "missing field `weight_map` at line 1 column 2");
    refused(|index| *index = json!({"weight_map": []}), "invalid type: sequence, expected a map at line 1 column 14");
    refused(
        |index| *index = json!({"weight_map": {WORDS: 1}}),
        &format!("invalid type: integer `1`, expected a string at line 1 column {}", 19 + WORDS.len()),
    );
    let damaged = model();
    for bytes in [&b""[..], b"\xff", b"{\"weight_map\":{\"a\":\"b\"", &b"[".repeat(1 << 20)] {
        std::fs::write(path(&damaged, INDEX), bytes).unwrap();
        let error = damaged.open().err().unwrap();
        assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(&*path(&damaged, INDEX))), "{error}");
    }
    // A hole of that size: it takes no room on the disk.
    std::fs::File::create(path(&damaged, INDEX)).unwrap().set_len(65 << 20).unwrap();
    damaged.refused(
        ErrorKind::Integrity,
        "FILE has more than the 67108864 bytes that such a file may have; is it the right one?",
    );
}

#[test]
fn a_shard_that_is_missing_is_named_or_its_tensors_are() {
    let mut damaged = model();
    let second = path(&damaged, SHARDS[1]);
    std::fs::remove_file(&second).unwrap();
    damaged.refused(
        ErrorKind::ModelMissing,
        &format!("FILE of model {MODEL} is not there; run `patina model add {MODEL}`"),
    );
    damaged.spec.files.retain(|file| file.path != second);
    let error = damaged.open().err().unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(&*path(&damaged, INDEX))), "{error}");
    assert!(error.message().ends_with(&format!("shall be in {:?} and is not", SHARDS[1])), "{error}");
    // Without an index the architecture finds out.
    damaged.spec.files.retain(|file| file.role != FileRole::Other);
    let error = damaged.open().err().unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(&*path(&damaged, SHARDS[0]))), "{error}");
    assert!(error.message().ends_with("is missing, which this architecture needs"), "{error}");
}
