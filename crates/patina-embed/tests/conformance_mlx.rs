//! The conformance suite on MLX, unchanged.
#![cfg(feature = "mlx")]

#[path = "conformance.rs"]
mod conformance;
