//! Safetensors, their index and config.json, damaged in every way that has a name: the error is of the right kind, and
//! names the file and the tensor or key. What has no name is tried at random (`damaged_tensors_mlx`).
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod headers;
mod quantized;
mod settings;
mod shards;
#[path = "../support/mod.rs"]
mod support;
mod tensors;

use std::path::PathBuf;

use patina_embed::{Engine, Error, ErrorKind, FileRole, ModelSpec};
use serde_json::Value;
use support::safetensors::Tensors;
use support::{Scratch, golden, options, replace, spec};

/// A fixture model whose files can be replaced by others in a folder of its own.
struct Damaged {
    spec: ModelSpec,
    scratch: Scratch,
}

impl Damaged {
    fn new(model: &str) -> Self {
        // Tests of one process run at the same time.
        let thread = format!("{:?}", std::thread::current().id());
        let number: String = thread.chars().filter(char::is_ascii_digit).collect();
        Self { spec: spec(model, &golden(model, "golden.json")), scratch: Scratch::new(&format!("damaged-{number}")) }
    }

    /// The tensors of the model's only file of weights.
    fn tensors(&self) -> Tensors {
        Tensors::read(self.spec.file(FileRole::Weights).unwrap())
    }

    fn config(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.spec.file(FileRole::Config).unwrap()).unwrap()).unwrap()
    }

    /// Puts a file with these bytes in the place of the one with this role.
    fn put(&mut self, role: FileRole, bytes: &[u8]) -> PathBuf {
        let name = if role == FileRole::Config { "config.json" } else { "model.safetensors" };
        let path = self.scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        replace(&mut self.spec, role, &path);
        path
    }

    fn open(&self) -> Result<Engine, Error> {
        Engine::open(self.spec.clone(), &options())
    }

    /// Opening has to fail with an error of this kind and exactly this message, in which `FILE` stands for the file that
    /// the error has to name.
    fn refused(&self, kind: ErrorKind, message: &str) {
        let Err(error) = self.open() else { panic!("opened, and should say {message}") };
        let file = error.file().map(|file| file.display().to_string()).unwrap_or_default();
        assert_eq!((error.kind(), error.to_string()), (kind, message.replace("FILE", &file)));
        assert_eq!(error.file().is_some(), kind != ErrorKind::SpecInvalid, "{error}");
    }
}

/// A model whose tensors were changed is refused, naming the file of weights.
fn refused(model: &str, change: impl Fn(&mut Tensors), message: &str) {
    let mut damaged = Damaged::new(model);
    let mut tensors = damaged.tensors();
    change(&mut tensors);
    damaged.put(FileRole::Weights, &tensors.write());
    damaged.refused(ErrorKind::Integrity, message);
}

/// A model whose configuration was changed is refused.
fn refused_config(model: &str, change: impl Fn(&mut Value), kind: ErrorKind, message: &str) {
    let mut damaged = Damaged::new(model);
    let mut config = damaged.config();
    change(&mut config);
    damaged.put(FileRole::Config, config.to_string().as_bytes());
    damaged.refused(kind, message);
}
