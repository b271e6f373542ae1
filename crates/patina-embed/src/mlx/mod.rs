//! The MLX engine: on the GPU of Apple Silicon, and the very same code on the CPU of Linux.
//!
//! A model is read from safetensors ([`weights`]), built by the file of its architecture ([`bert`], [`qwen3`])
//! from shared [`layers`], and owned by one thread ([`owner`]) that every worker of every engine hands its batches to.
//! Tokenizing, batching, checking and cutting are the engine's.

mod backend;
mod bert;
mod config;
mod failure;
mod inputs;
mod layers;
mod model;
mod owner;
mod packed;
#[cfg(target_os = "linux")]
mod platform;
mod pooling;
mod quantization;
mod qwen3;
mod weights;

pub(crate) use backend::MlxFactory;
