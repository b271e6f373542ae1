//! Engines that come and go, on MLX: the suite unchanged.
#![cfg(all(target_os = "linux", feature = "mlx"))]

#[path = "reopen.rs"]
mod reopen;
