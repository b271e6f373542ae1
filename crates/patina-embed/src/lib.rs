//! Text embeddings on one's own machine.
//!
//! A [`ModelSpec`] says what a model is and where its files are; [`Engine::open`] loads it; every method of
//! [`EmbeddingEngine`] turns texts into vectors that equal those of the reference implementations within a stated
//! tolerance, whatever batch they were in. The crate has no network and reads no environment variable.
//!
//! The flow of a call, one module a step: [`prompt`] puts the model's template around each text, [`tokenizer`] turns
//! it into ids, [`batch`] sorts and pads, a runtime ([`onnx`]) computes, [`pooling`] makes one vector of many, and
//! [`embeddings`] holds the result.

pub mod batch;
mod config;
pub mod embeddings;
pub mod engine;
pub mod error;
pub mod identity;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod options;
pub mod pooling;
pub mod prompt;
pub mod runtime;
pub mod similarity;
pub mod spec;
pub mod tokenizer;

pub use embeddings::{Embeddings, TextReport};
pub use engine::{EmbeddingEngine, Engine};
pub use error::{Error, ErrorKind, Result};
pub use options::{AbortFlag, Batching, EmbedOptions, EngineOptions, RuntimeRequest, SpecialTokens, TextKind};
pub use spec::{Architecture, FileRole, ModelFile, ModelSpec, Pooling, Runtime};
