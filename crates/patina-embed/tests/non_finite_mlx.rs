//! Numbers that are none, on MLX: the suite unchanged.
#![cfg(feature = "mlx")]

#[path = "non_finite.rs"]
mod non_finite;
