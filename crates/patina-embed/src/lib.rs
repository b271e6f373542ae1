//! Text embeddings on one's own machine.
//!
//! A [`ModelSpec`] says what a model is and where its files are; [`Engine::open`] loads it; every method of
//! [`EmbeddingEngine`] turns texts into vectors that equal those of the reference implementations within a stated
//! tolerance, whatever batch they were in. The crate has no network and reads no environment variable.
//!
//! A spec comes from a folder as sentence-transformers lays it out ([`ModelFolder`]), from a `registry.toml` with the
//! feature `registry`, or is written out as below. Either runtime does without the other: `onnx` reads graphs, `mlx`
//! safetensors, and with `--no-default-features --features mlx` no ONNX Runtime is looked for. Which one a spec is for is
//! said with [`ModelFolder::runtime`].
//!
//! The flow of a call, one module a step: [`prompt`] puts the model's template around each text, [`tokenizer`] turns
//! it into ids, [`batch`] sorts and pads, a runtime (`onnx`, `mlx`) computes, [`pooling`] makes one vector of many, and
//! [`embeddings`] holds the result.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ModelSpec, TextKind, onnx};
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/bert-prompts");
//! # let digest = "0".repeat(64);
//!
//! let spec: ModelSpec = serde_json::from_value(serde_json::json!({
//!     "key": "tiny", "name": "Tiny", "architecture": "bert", "dimension": 32, "maxTokens": 128,
//!     "pooling": "mean", "normalize": true,
//!     "queryTemplate": "query: {text}", "passageTemplate": "passage: {text}",
//!     "variant": "fp32", "runtime": "onnx",
//!     "files": [
//!         { "role": "weights", "path": format!("{folder}/onnx/model.onnx"), "sha256": digest },
//!         { "role": "tokenizer", "path": format!("{folder}/tokenizer.json"), "sha256": digest },
//!     ],
//! }))?;
//! // The library of the `onnxruntime-node` package, in a node_modules at or above the current directory.
//! let onnx_library = onnx::find_library(&std::env::current_dir()?);
//! let engine = Engine::open(spec, &EngineOptions { onnx_library, ..EngineOptions::default() })?;
//!
//! let passages = ["The river keeps its name.", "A patina protects the copper below it."];
//! let options = EmbedOptions { kind: TextKind::Passage, ..EmbedOptions::default() };
//! let vectors = engine.embed_batch(&passages, &options)?;
//! assert_eq!((vectors.rows(), vectors.dimension()), (2, 32));
//! assert!(!vectors.reports()[0].truncated);
//!
//! let query = engine.embed_query("what protects copper?")?;
//! let best = patina_embed::similarity::top_k(vectors.data(), &query, 1, None);
//! assert_eq!(best.len(), 1);
//! # Ok(())
//! # }
//! ```

pub mod batch;
mod buffer;
mod config;
pub mod cpu;
mod digest;
pub mod embeddings;
pub mod engine;
pub mod error;
mod files;
pub mod identity;
#[cfg(feature = "mlx")]
mod mlx;
pub mod model_folder;
mod numerics;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod options;
pub mod pooling;
pub mod prompt;
#[cfg(feature = "registry")]
pub mod registry;
pub mod runtime;
pub mod safetensors;
pub mod spec;
pub mod threads;
pub mod tokenizer;

pub use buffer::VectorBuffer;
pub use embeddings::{Embeddings, TextReport};
pub use engine::{EmbeddingEngine, Engine};
pub use error::{Error, ErrorKind, Result};
pub use model_folder::ModelFolder;
pub use numerics::Numerics;
pub use options::{AbortFlag, Batching, EmbedOptions, EngineOptions, RuntimeRequest, SpecialTokens, TextKind};
/// Kernels over finished vectors, a crate of their own because the vector index needs them and no engine.
pub use patina_similarity as similarity;
#[cfg(feature = "registry")]
pub use registry::RegistryRequest;
pub use spec::{Architecture, FileRole, ModelFile, ModelSpec, Pooling, Runtime};
