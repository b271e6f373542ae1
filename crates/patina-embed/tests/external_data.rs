//! Tensors in files beside the graph: only verified files of the model are opened, wherever the graph points.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use patina_embed::{EmbeddingEngine, Engine, Error, ErrorKind, FileRole, ModelSpec};
use support::{Scratch, distance, fixtures, golden, open, options, overwrite, replace, spec};

const MODEL: &str = "qwen3-plain";
const DATA: &str = "model.onnx_data";

/// A copy of the model in `folder/model`, its graph changed to look for its data at `location` (as long as [`DATA`]).
fn copy(folder: &Path, location: &str) -> ModelSpec {
    let onnx = fixtures().join(MODEL).join("onnx");
    fs::create_dir_all(folder.join("model")).unwrap();
    fs::create_dir_all(folder.join("outside")).unwrap();
    let mut graph = fs::read(onnx.join("model.onnx")).unwrap();
    overwrite(&mut graph, DATA.as_bytes(), location.as_bytes());
    fs::write(folder.join("model/model.onnx"), graph).unwrap();
    fs::copy(onnx.join(DATA), folder.join("model").join(DATA)).unwrap();
    fs::copy(onnx.join(DATA), folder.join("outside/data")).unwrap();
    let mut spec = spec(MODEL, &golden(MODEL, "golden.json"));
    replace(&mut spec, FileRole::Weights, folder.join("model/model.onnx"));
    replace(&mut spec, FileRole::ExternalData, folder.join("model").join(location));
    spec
}

/// The error of opening `spec`, which has to name the tensor and the file.
fn refusal(spec: ModelSpec, file: PathBuf, words: &str) -> Error {
    let error = Engine::open(spec, &options()).err().unwrap();
    assert!(error.message().contains("\"embed_tokens.weight\""), "{error}");
    assert!(error.message().contains(words), "{error}");
    assert_eq!(error.file().unwrap(), file, "{error}");
    error
}

#[test]
fn a_path_that_leads_out_of_the_folder_is_refused_even_where_the_spec_lists_it() {
    let scratch = Scratch::new("leads-out");
    for location in ["../outside/data", "/../../dev/zero"] {
        let spec = copy(scratch.path(), location);
        let error = refusal(spec, scratch.path().join("model").join(location), "leads out of the model's folder");
        assert_eq!(error.kind(), ErrorKind::Integrity);
    }
}

#[test]
fn a_link_that_leads_out_of_the_folder_is_refused() {
    let scratch = Scratch::new("links-out");
    let spec = copy(scratch.path(), DATA);
    let data = scratch.path().join("model").join(DATA);
    for target in ["../outside/data", "/dev/zero"] {
        fs::remove_file(&data).unwrap();
        symlink(target, &data).unwrap();
        let error = Engine::open(spec.clone(), &options()).err().unwrap();
        assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(data.as_path())), "{error}");
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let scratch = Scratch::new("no-file");
    let spec = copy(scratch.path(), DATA);
    let data = scratch.path().join("model").join(DATA);
    fs::remove_file(&data).unwrap();
    fs::create_dir(&data).unwrap();
    assert_eq!(refusal(spec, data, "no ordinary file").kind(), ErrorKind::Integrity);
}

#[test]
fn a_file_that_is_missing_or_too_short_is_named() {
    let scratch = Scratch::new("short");
    let spec = copy(scratch.path(), DATA);
    let data = scratch.path().join("model").join(DATA);
    fs::write(&data, [0; 100]).unwrap();
    assert_eq!(refusal(spec.clone(), data.clone(), "100 bytes").kind(), ErrorKind::Integrity);
    fs::remove_file(&data).unwrap();
    assert_eq!(refusal(spec, data, "patina model add qwen3-plain").kind(), ErrorKind::ModelMissing);
}

#[test]
fn a_file_that_the_spec_does_not_list_is_not_opened() {
    let scratch = Scratch::new("unlisted");
    let mut spec = copy(scratch.path(), DATA);
    spec.files.retain(|file| file.role != FileRole::ExternalData);
    let error = refusal(spec, scratch.path().join("model").join(DATA), "does not list");
    assert_eq!(error.kind(), ErrorKind::SpecInvalid);
}

/// `snapshots/<commit>/onnx/model.onnx` links to `blobs/<digest>`, and so does its data; ONNX Runtime looks beside the
/// link.
#[test]
fn a_model_in_a_hub_cache_loads() {
    let scratch = Scratch::new("hub");
    let (blobs, snapshot) = (scratch.path().join("blobs"), scratch.path().join("snapshots/0123abcd/onnx"));
    fs::create_dir_all(&blobs).unwrap();
    fs::create_dir_all(&snapshot).unwrap();
    let mut spec = spec(MODEL, &golden(MODEL, "golden.json"));
    for file in &mut spec.files {
        if matches!(file.role, FileRole::Weights | FileRole::ExternalData) {
            fs::copy(&file.path, blobs.join(&file.sha256)).unwrap();
            let link = snapshot.join(file.path.file_name().unwrap());
            symlink(Path::new("../../../blobs").join(&file.sha256), &link).unwrap();
            file.path = link;
        }
    }
    let found = Engine::open(spec, &options()).unwrap().embed("the river").unwrap();
    assert!(distance(&found, &open(MODEL).embed("the river").unwrap()) == 0.0);
}
