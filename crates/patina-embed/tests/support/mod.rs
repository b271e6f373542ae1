//! What the test suites share: fixture models, conformance texts, goldens, and how far two vectors may lie apart.
#![allow(dead_code, reason = "each suite uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a test may panic")]

pub mod cases;
pub mod damage;
pub mod goldens;
pub mod safetensors;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use patina_embed::onnx::find_library;
use patina_embed::{Architecture, Engine, EngineOptions, FileRole, ModelFile, ModelSpec, Pooling, Runtime};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a suite's engines run on: a suite whose name ends in `_mlx` on MLX, the others on ONNX Runtime.
pub const RUNTIME: Runtime = if ends_in_mlx(env!("CARGO_CRATE_NAME")) { Runtime::Mlx } else { Runtime::Onnx };

const fn ends_in_mlx(name: &str) -> bool {
    matches!(name.as_bytes(), [.., b'_', b'm', b'l', b'x'])
}

/// Fixture models with goldens of the suite's runtime, in float32.
pub const MODELS: &[&str] = match RUNTIME {
    Runtime::Onnx => &ONNX_MODELS,
    Runtime::Mlx => &MLX_MODELS,
};

/// Those that MLX has an architecture for.
const MLX_MODELS: [&str; 10] = [
    "bert-mean",
    "bert-cls",
    "bert-baked",
    "bert-prompts",
    "bert-mlx4",
    "qwen3-float32",
    "qwen3-mlx4",
    "qwen3-mlx-bits",
    "qwen3-mlx-mixed",
    "xlmr-mean",
];

/// Each has something the others lack (see fixtures/generator/README.md).
const ONNX_MODELS: [&str; 9] = [
    "bert-mean",
    "bert-cls",
    "bert-baked",
    "bert-prompts",
    "nomic-mean",
    "qwen3-plain",
    "qwen3-past",
    "qwen3-gqa",
    "xlmr-mean",
];

#[derive(Deserialize)]
pub struct GoldenFile {
    pub architecture: Architecture,
    pub dimension: usize,
    pub min_dimension: Option<usize>,
    pub max_tokens: usize,
    pub pooling: Pooling,
    pub normalize: bool,
    pub query_template: Option<String>,
    pub passage_template: Option<String>,
    pub default_task: Option<String>,
    pub variant: String,
    pub weights: String,
    #[serde(default)]
    pub external_data: Vec<String>,
    /// Safetensors besides `weights`.
    #[serde(default)]
    pub shards: Vec<String>,
    /// Which tensor is in which of them.
    pub index: Option<String>,
    /// Of the file that `weights` names; ONNX where it is not said.
    pub runtime: Option<Runtime>,
    pub goldens: Vec<Golden>,
}

#[derive(Deserialize)]
pub struct Golden {
    pub id: String,
    pub kind: String,
    /// The task of the query template, where it is not the model's default.
    pub task: Option<String>,
    /// What the vector was cut to, where it was.
    pub dimension: Option<usize>,
    pub special_tokens: String,
    pub tokens: u32,
    pub truncated: bool,
    pub special_literals: u32,
    pub token_ids: Vec<u32>,
    pub embedding: Vec<f32>,
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").canonicalize().unwrap()
}

pub fn golden(model: &str, file: &str) -> GoldenFile {
    let path = fixtures().join(model).join(file);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Conformance texts by their id.
pub fn texts() -> HashMap<String, String> {
    #[derive(Deserialize)]
    struct File {
        texts: Vec<Text>,
    }
    #[derive(Deserialize)]
    struct Text {
        id: String,
        text: String,
    }
    let file: File =
        serde_json::from_slice(&std::fs::read(fixtures().join("conformance/texts.json")).unwrap()).unwrap();
    file.texts.into_iter().map(|text| (text.id, text.text)).collect()
}

pub fn file(role: FileRole, path: PathBuf) -> ModelFile {
    let digest = Sha256::digest(std::fs::read(&path).unwrap());
    let sha256 = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    ModelFile { role, path, sha256 }
}

pub fn spec(model: &str, golden: &GoldenFile) -> ModelSpec {
    let folder = fixtures().join(model);
    // Goldens of a model that is there for both runtimes name its ONNX file.
    let weights = match RUNTIME {
        Runtime::Mlx if golden.runtime != Some(Runtime::Mlx) => "model.safetensors",
        _ => golden.weights.as_str(),
    };
    let named = |role: FileRole, path: &str| file(role, folder.join(path));
    let mut files = vec![
        named(FileRole::Weights, weights),
        named(FileRole::Tokenizer, "tokenizer.json"),
        named(FileRole::Config, "config.json"),
    ];
    files.extend(golden.shards.iter().map(|path| named(FileRole::Weights, path)));
    files.extend(golden.index.iter().map(|path| named(FileRole::Other, path)));
    if RUNTIME == Runtime::Onnx {
        files.extend(golden.external_data.iter().map(|path| named(FileRole::ExternalData, path)));
    }
    ModelSpec {
        key: model.into(),
        name: model.into(),
        architecture: golden.architecture,
        dimension: golden.dimension,
        min_dimension: golden.min_dimension,
        max_tokens: golden.max_tokens,
        pooling: golden.pooling,
        normalize: golden.normalize,
        query_template: golden.query_template.clone(),
        passage_template: golden.passage_template.clone(),
        default_task: golden.default_task.clone(),
        variant: golden.variant.clone(),
        runtime: RUNTIME,
        files,
    }
}

pub fn options() -> EngineOptions {
    let library = find_library(Path::new(env!("CARGO_MANIFEST_DIR")))
        .expect("onnxruntime-node is not installed at the workspace's root: run `npm run setup`");
    EngineOptions { onnx_library: Some(library), ..EngineOptions::default() }
}

pub fn open(model: &str) -> Engine {
    Engine::open(spec(model, &golden(model, "golden.json")), &options()).unwrap()
}

/// A folder of its own for a test, gone when the test is over.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("patina-embed-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A number that Linux states of this process; those of memory in kilobytes.
pub fn in_status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Bytes of this process that are in main memory.
pub fn resident() -> u64 {
    in_status("VmRSS") << 10
}

/// Takes the place of the spec's file with this role.
pub fn replace(spec: &mut ModelSpec, role: FileRole, path: &Path) {
    for file in spec.files.iter_mut().filter(|file| file.role == role) {
        file.path = path.to_path_buf();
    }
}

/// `bytes` with every `from` made `to`, of the same length: what else lies in the file stays where it is.
pub fn overwrite(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let found: Vec<usize> = (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!found.is_empty(), "the file does not hold what is to be replaced");
    for at in found {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

/// Largest difference of an element.
pub fn distance(left: &[f32], right: &[f32]) -> f32 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

pub fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}
