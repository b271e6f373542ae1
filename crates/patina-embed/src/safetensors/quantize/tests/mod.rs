//! What is written, held against what MLX's quantiser makes of the same numbers, to the bit.
#![allow(clippy::unwrap_used, reason = "tests")]

mod goldens;
mod properties;
mod refusals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::header::{Tensor, Type, read_header};
use super::QuantizeOptions;
use super::affine::{Packing, Parts, quantize_groups};
use crate::spec::{Architecture, FileRole, ModelFile, ModelSpec, Pooling, Runtime};

/// Type, shape and bytes of a tensor.
type Value = (Type, Vec<u64>, Vec<u8>);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn tensors(file: &Path) -> BTreeMap<String, Value> {
    let bytes = std::fs::read(file).unwrap();
    let value = |tensor: Tensor| {
        let begin = tensor.offset as usize;
        let numbers = bytes[begin..begin + tensor.bytes() as usize].to_vec();
        (tensor.name, (tensor.dtype, tensor.shape, numbers))
    };
    read_header(file).unwrap().into_iter().map(value).collect()
}

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("patina-safetensors-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn names(&self) -> Vec<String> {
        let entries = self.0.read_dir().unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A model of these files, of which one digest is as good as another here.
fn spec(architecture: Architecture, files: &[(FileRole, PathBuf)]) -> ModelSpec {
    let file =
        |(role, path): &(FileRole, PathBuf)| ModelFile { role: *role, path: path.clone(), sha256: "0".repeat(64) };
    ModelSpec {
        key: "tiny".into(),
        name: "Tiny".into(),
        architecture,
        dimension: 32,
        min_dimension: None,
        max_tokens: 128,
        pooling: Pooling::Mean,
        normalize: true,
        query_template: None,
        passage_template: None,
        default_task: None,
        variant: "fp32".into(),
        runtime: Runtime::Mlx,
        files: files.iter().map(file).collect(),
    }
}

fn qwen3() -> ModelSpec {
    let folder = fixtures().join("qwen3-float32");
    let file = |role, name: &str| (role, folder.join(name));
    spec(
        Architecture::Qwen3,
        &[
            file(FileRole::Config, "config.json"),
            file(FileRole::Weights, "model-00001-of-00002.safetensors"),
            file(FileRole::Weights, "model-00002-of-00002.safetensors"),
            file(FileRole::Other, "model.safetensors.index.json"),
        ],
    )
}

/// A model of one file and its configuration.
fn single(architecture: Architecture, weights: &Path, config: &Path) -> ModelSpec {
    spec(architecture, &[(FileRole::Config, config.into()), (FileRole::Weights, weights.into())])
}

fn fixture(architecture: Architecture, name: &str) -> ModelSpec {
    let folder = fixtures().join(name);
    single(architecture, &folder.join("model.safetensors"), &folder.join("config.json"))
}

fn options(bits: u32) -> QuantizeOptions<'static> {
    QuantizeOptions { group_size: 32, ..QuantizeOptions::new(bits) }
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Quantises one tensor's numbers.
fn parts((dtype, shape, numbers): &Value, packing: Packing) -> Option<[Vec<u8>; 3]> {
    let row = packing.row_bytes(shape[1] as usize, *dtype);
    let [mut packed, mut scales, mut biases] =
        [row.packed, row.scales, row.scales].map(|bytes| vec![0; bytes * shape[0] as usize]);
    let out = Parts { packed: &mut packed, scales: &mut scales, biases: &mut biases };
    quantize_groups(numbers, *dtype, packing, out)?;
    Some([packed, scales, biases])
}
