//! The doors for JavaScript on Patina's engine, its metrics, its indexes, and what it knows of source code.
//!
//! N-API carries everything that takes time: calls return a promise at once, the work runs on the engine's own threads,
//! and the event loop never waits. Errors cross as data (see [`outcome`]) and are thrown on the JavaScript side. The
//! kernels on typed arrays are synchronous, over N-API ([`kernels`]) and, for `bun:ffi`, as C functions ([`c_abi`]).

#![allow(clippy::needless_pass_by_value, reason = "N-API hands arguments over by value")]
#![allow(clippy::missing_errors_doc, reason = "what fails arrives as a NativeError; the Result is N-API's own")]
#![allow(clippy::must_use_candidate, clippy::new_without_default, reason = "JavaScript is the caller")]

pub mod c_abi;
pub mod code;
pub mod describe;
pub mod engine;
pub mod evaluate;
pub mod full_text;
pub mod kernels;
pub mod machine;
mod numbers;
pub mod outcome;
pub mod quantize;
pub mod shutdown;
pub mod spec;
pub mod vector_index;
