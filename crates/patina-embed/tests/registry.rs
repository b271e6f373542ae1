//! A registry's model is found where `patina model add` and Python's tools keep its files, or an error says why not.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use patina_embed::{EmbeddingEngine, Engine, ErrorKind, FileRole, ModelSpec, RegistryRequest, Result, Runtime};
use support::{Scratch, distance, file, fixtures, open, options};

const MODEL: &str = "bert-prompts";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// `registry.toml` in `folder` with the fixture as a model of the hub; `pin` writes digests into it.
fn write_registry(folder: &Path, pin: bool) -> PathBuf {
    let row = |role: FileRole, name: &str, path: &str| {
        let digest = format!("sha256 = \"{}\"\n", file(role, fixtures().join(MODEL).join(path)).sha256);
        format!(
            "[[models.tiny.variants.files]]\nrole = \"{name}\"\npath = \"{path}\"\n{}sources = [{{ kind = \"hub\", \
             repo = \"ada/tiny\", revision = \"main\", path = \"{path}\" }}]\n",
            if pin { digest.as_str() } else { "" }
        )
    };
    let text = format!(
        "version = 1\n[models.tiny]\nname = \"Tiny\"\ndescription = \"Of a test.\"\nlicense = \"MIT\"\n\
         architecture = \"bert\"\ndimension = 32\nmax_tokens = 128\npooling = \"mean\"\nnormalize = true\n\
         query_template = \"query: {{text}}\"\npassage_template = \"passage: {{text}}\"\naliases = [\"small\"]\n\
         [[models.tiny.variants]]\nname = \"fp32\"\nruntime = \"onnx\"\n{}{}",
        row(FileRole::Tokenizer, "tokenizer", "tokenizer.json"),
        row(FileRole::Weights, "weights", "onnx/model.onnx")
    );
    let registry = folder.join("registry.toml");
    fs::write(&registry, text).unwrap();
    registry
}

/// A hub cache in `folder` that holds the fixture at [`COMMIT`], and what `main` is there.
fn write_cache(folder: &Path, main: Option<&str>) -> PathBuf {
    let repository = folder.join("hub/models--ada--tiny");
    for path in ["tokenizer.json", "onnx/model.onnx"] {
        let target = repository.join("snapshots").join(COMMIT).join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(fixtures().join(MODEL).join(path), target).unwrap();
    }
    fs::create_dir_all(repository.join("refs")).unwrap();
    if let Some(commit) = main {
        fs::write(repository.join("refs/main"), commit).unwrap();
    }
    folder.join("hub")
}

/// A lock with the fixture's digests, at [`COMMIT`].
fn write_lock(folder: &Path) -> PathBuf {
    let row = |path: &str| {
        let sha256 = file(FileRole::Other, fixtures().join(MODEL).join(path)).sha256;
        let source = format!("hub:ada/tiny@main/{path}");
        serde_json::json!({ "path": path, "size": 1, "sha256": sha256, "source": source, "revision": COMMIT })
    };
    let files = [row("tokenizer.json"), row("onnx/model.onnx")];
    let lock = serde_json::json!({
        "version": 1, "models": { "tiny": [{ "variant": "fp32", "runtime": "onnx", "files": files }] },
    });
    fs::write(folder.join("models.lock"), lock.to_string()).unwrap();
    folder.join("models.lock")
}

fn kind(result: Result<ModelSpec>) -> ErrorKind {
    result.err().unwrap().kind()
}

#[test]
fn a_model_in_a_hub_cache_is_found_by_its_alias_and_embeds() {
    let scratch = Scratch::new("registry-hub");
    let registry = write_registry(scratch.path(), true);
    let request =
        RegistryRequest { hub_cache: Some(write_cache(scratch.path(), Some(COMMIT))), ..RegistryRequest::default() };
    let spec = ModelSpec::from_registry(&registry, "small", &request).unwrap();
    assert_eq!((spec.key.as_str(), spec.variant.as_str(), spec.runtime), ("tiny", "fp32", Runtime::Onnx));
    assert!(spec.files.iter().all(|file| file.path.is_absolute() && file.path.is_file()));
    let found = Engine::open(spec, &options()).unwrap().embed_query("the river").unwrap();
    assert!(distance(&found, &open(MODEL).embed_query("the river").unwrap()) == 0.0);
}

#[test]
fn a_lock_gives_the_digests_and_the_commit_that_a_registry_lacks() {
    let scratch = Scratch::new("registry-lock");
    let registry = write_registry(scratch.path(), false);
    // Meanwhile the hub has moved on.
    let mut request = RegistryRequest {
        hub_cache: Some(write_cache(scratch.path(), Some(&"f".repeat(40)))),
        ..RegistryRequest::default()
    };
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.message().contains("RegistryRequest::locks"), "{error}");

    request.locks = vec![write_lock(scratch.path())];
    let spec = ModelSpec::from_registry(&registry, "tiny", &request).unwrap();
    assert!(spec.files.iter().all(|file| file.path.to_str().unwrap().contains(COMMIT)));
}

#[test]
fn a_changed_file_is_named_with_both_digests_and_a_missing_one_with_where_it_was_looked_for() {
    let scratch = Scratch::new("registry-damaged");
    let registry = write_registry(scratch.path(), true);
    let cache = write_cache(scratch.path(), Some(COMMIT));
    let tokenizer = cache.join("models--ada--tiny/snapshots").join(COMMIT).join("tokenizer.json");
    let request = RegistryRequest { hub_cache: Some(cache), ..RegistryRequest::default() };
    fs::write(&tokenizer, "{}").unwrap();
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(tokenizer.as_path())));
    let found = file(FileRole::Tokenizer, tokenizer.clone()).sha256;
    let expected = file(FileRole::Tokenizer, fixtures().join(MODEL).join("tokenizer.json")).sha256;
    assert!(error.message().contains(&found) && error.message().contains(&expected), "{error}");

    fs::remove_file(&tokenizer).unwrap();
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelMissing);
    assert!(error.message().contains(tokenizer.to_str().unwrap()), "{error}");
    assert!(error.message().contains("patina model add tiny --variant fp32 --runtime onnx"), "{error}");
}

/// Replaces text in a file of a test.
fn edit(file: &Path, from: &str, to: &str) {
    fs::write(file, fs::read_to_string(file).unwrap().replace(from, to)).unwrap();
}

#[test]
fn a_lock_at_another_commit_than_the_registry_pins_is_refused() {
    let scratch = Scratch::new("registry-pinned");
    let registry = write_registry(scratch.path(), false);
    let pinned = "a".repeat(40);
    edit(&registry, "revision = \"main\"", &format!("revision = \"{pinned}\""));
    let lock = write_lock(scratch.path());
    edit(&lock, "@main/", &format!("@{pinned}/"));
    let hub_cache = Some(write_cache(scratch.path(), None));
    let request = RegistryRequest { hub_cache, locks: vec![lock], ..RegistryRequest::default() };
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    for part in [COMMIT, &pinned, "patina model update tiny"] {
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn a_lock_whose_revision_is_no_commit_is_no_lock() {
    let scratch = Scratch::new("registry-revision");
    let registry = write_registry(scratch.path(), false);
    let lock = write_lock(scratch.path());
    edit(&lock, COMMIT, "../../../elsewhere");
    let hub_cache = Some(write_cache(scratch.path(), Some(COMMIT)));
    let request = RegistryRequest { hub_cache, locks: vec![lock.clone()], ..RegistryRequest::default() };
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::RegistryInvalid, Some(lock.as_path())));
    assert!(error.message().contains("../../../elsewhere"), "{error}");
}

#[test]
fn what_is_not_there_is_told_with_the_nearest_that_is() {
    let scratch = Scratch::new("registry-unknown");
    let registry = write_registry(scratch.path(), true);
    let request = RegistryRequest::default();
    assert_eq!(kind(ModelSpec::from_registry(&registry, "tiny", &request)), ErrorKind::ModelMissing);
    let error = ModelSpec::from_registry(&registry, "tinny", &request).err().unwrap();
    assert_eq!((error.kind(), error.suggestion()), (ErrorKind::ModelUnknown, Some("tiny")));
    let request = RegistryRequest { variant: Some("fp23".into()), ..request };
    let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
    assert_eq!((error.kind(), error.suggestion()), (ErrorKind::VariantUnknown, Some("fp32")));
    let request = RegistryRequest { runtime: Some(Runtime::Mlx), ..RegistryRequest::default() };
    assert_eq!(kind(ModelSpec::from_registry(&registry, "tiny", &request)), ErrorKind::VariantUnknown);
    let absent = scratch.path().join("absent.toml");
    assert_eq!(kind(ModelSpec::from_registry(absent, "tiny", &RegistryRequest::default())), ErrorKind::Io);
}

#[test]
fn a_mistake_in_the_registry_has_its_place_and_one_in_a_lock_its_file() {
    let scratch = Scratch::new("registry-place");
    let registry = write_registry(scratch.path(), true);
    let text = fs::read_to_string(&registry).unwrap().replace("pooling =", "poolin =");
    fs::write(&registry, text).unwrap();
    let error = ModelSpec::from_registry(&registry, "tiny", &RegistryRequest::default()).err().unwrap();
    let place = error.place().unwrap();
    assert_eq!((error.kind(), place.line, place.column), (ErrorKind::RegistryInvalid, 9, 1));
    assert_eq!((error.key(), error.suggestion()), (Some("poolin"), Some("pooling")));

    let registry = write_registry(scratch.path(), true);
    for lock in ["{", r#"{"version":2,"models":{}}"#, r#"{"version":1,"models":{},"more":1}"#] {
        let path = scratch.path().join("models.lock");
        fs::write(&path, lock).unwrap();
        let request = RegistryRequest { locks: vec![path.clone()], ..RegistryRequest::default() };
        let error = ModelSpec::from_registry(&registry, "tiny", &request).err().unwrap();
        assert_eq!((error.kind(), error.file()), (ErrorKind::RegistryInvalid, Some(path.as_path())));
    }
}
