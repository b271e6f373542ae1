//! How a model's weights are quantised, as MLX's tools write it into `config.json`: bits and group size for all layers,
//! and exceptions by the path of a module.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::safetensors::{GROUP_SIZES, modules};
use crate::spec::Architecture;

/// What MLX's kernels take.
const BITS: [i32; 6] = [2, 3, 4, 5, 6, 8];

/// What errors about the settings of the whole say, where others name a module.
const ALL: &str = "all modules";

/// Bits a weight, and how many weights of a row share a scale and a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    pub bits: i32,
    pub group_size: i32,
}

/// The whole of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Quantization {
    default: Option<Packing>,
    /// By the module's bare path; `None` where it is not quantised.
    modules: HashMap<String, Option<Packing>>,
}

/// `quantization`, or one of its exceptions; what an exception leaves out is as elsewhere.
#[derive(Deserialize)]
struct Stated {
    bits: Option<i32>,
    group_size: Option<i32>,
    mode: Option<String>,
}

impl Quantization {
    /// Reads the value of `quantization`. Its paths have the prefix that the tensors have, or none.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for packings that MLX's kernels do not take, [`ErrorKind::Integrity`] for what is no
    /// quantisation; both name the module.
    pub fn read(value: &Value, architecture: Architecture) -> Result<Self> {
        let Value::Object(entries) = value else { return Err(invalid(ALL, "it is no object")) };
        let default = packing(ALL, value, None)?;
        let mut exceptions = HashMap::new();
        for (path, entry) in entries {
            let exception = match entry {
                Value::Bool(false) => None,
                Value::Bool(true) => Some(default),
                Value::Object(_) => Some(packing(path, entry, Some(default))?),
                // The settings of the whole, which stand beside the exceptions.
                _ => continue,
            };
            exceptions.insert(modules::bare(architecture, path).to_owned(), exception);
        }
        Ok(Self { default: Some(default), modules: exceptions })
    }

    /// How the module at the bare `path` is packed, if it is.
    pub fn of(&self, path: &str) -> Option<Packing> {
        self.modules.get(path).copied().unwrap_or(self.default)
    }
}

fn packing(path: &str, value: &Value, default: Option<Packing>) -> Result<Packing> {
    let stated = Stated::deserialize(value).map_err(|error| invalid(path, &error.to_string()))?;
    if let Some(mode) = stated.mode.filter(|mode| mode != "affine") {
        return Err(unsupported(path, &format!("its mode is {mode:?}, and this engine computes \"affine\"")));
    }
    let or_default = |stated: Option<i32>, of: fn(Packing) -> i32, name: &str| {
        stated.or(default.map(of)).ok_or_else(|| invalid(path, &format!("it has no {name}")))
    };
    let bits = or_default(stated.bits, |packing| packing.bits, "bits")?;
    let group_size = or_default(stated.group_size, |packing| packing.group_size, "group_size")?;
    if !BITS.contains(&bits) || !GROUP_SIZES.contains(&(group_size as u32)) {
        return Err(unsupported(
            path,
            &format!("{bits} bits in groups of {group_size}; MLX has bits {BITS:?} in groups of {GROUP_SIZES:?}"),
        ));
    }
    Ok(Packing { bits, group_size })
}

fn invalid(path: &str, why: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("the quantization of {path} in config.json cannot be read: {why}"))
}

fn unsupported(path: &str, why: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the quantization of {path} in config.json is not supported: {why}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use serde_json::json;

    use super::*;

    #[test]
    fn exceptions_hold_whatever_prefix_their_paths_have() {
        let prefixes = [
            (Architecture::Bert, "bert."),
            (Architecture::XlmRoberta, "roberta."),
            (Architecture::Bert, "model."),
            (Architecture::Qwen3, "model."),
            (Architecture::Qwen3, ""),
        ];
        for (architecture, prefix) in prefixes {
            let stated = json!({ "bits": 4, "group_size": 64, (format!("{prefix}a")): { "bits": 8 } });
            let quantization = Quantization::read(&stated, architecture).unwrap();
            assert_eq!(quantization.of("a"), Some(Packing { bits: 8, group_size: 64 }), "{architecture:?}, {prefix}");
            assert_eq!(quantization.of("b"), Some(Packing { bits: 4, group_size: 64 }));
        }
    }
}
