//! The doors for JavaScript on Patina's engine.
//!
//! N-API carries everything that takes time: calls return a promise at once, the work runs on the engine's own threads,
//! and the event loop never waits. Errors cross as data (see [`outcome`]) and are thrown on the JavaScript side.

#![allow(clippy::needless_pass_by_value, reason = "N-API hands arguments over by value")]

pub mod engine;
pub mod kernels;
pub mod machine;
pub mod outcome;
pub mod shutdown;
pub mod spec;
