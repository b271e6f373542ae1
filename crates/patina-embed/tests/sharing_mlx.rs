//! What engines and their workers share, on MLX: the suite unchanged.
#![cfg(feature = "mlx")]

#[path = "sharing.rs"]
mod sharing;
