//! Safetensors: reading and checking headers ([`header`]), shards ([`index`]), what architectures call their tensors
//! ([`modules`]), what they are in ([`numerics`]), and quantising a model's weights as MLX's tools do ([`quantize`]). Nothing here needs MLX.

pub(crate) mod header;
pub(crate) mod index;
pub(crate) mod modules;
pub(crate) mod numerics;
mod quantize;

use std::path::Path;

use crate::error::{Error, ErrorKind};

pub use quantize::{QuantizeOptions, QuantizeReport, quantize};

/// Weights of a row that may share a scale and a bias, as MLX's kernels take them.
pub const GROUP_SIZES: [u32; 3] = [32, 64, 128];

/// An error about a file that cannot be what it claims to be.
pub(crate) fn damaged(file: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("{}: {what}", file.display())).with_file(file)
}
