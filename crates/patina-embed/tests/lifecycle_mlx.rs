//! Calls that end early, and engines beside each other, on MLX: the suite unchanged.
#![cfg(feature = "mlx")]

#[path = "lifecycle.rs"]
mod lifecycle;
