//! The tensors of a model: read by MLX from one safetensors file or several, handed out by name, each checked for the
//! shape and type that the architecture needs.

use std::collections::HashMap;
use std::path::PathBuf;

use mlx_rs::Array;

use super::layers::{Embedding, Linear};
use super::packed::Packed;
use super::quantization::{Packing, Quantization};
use crate::error::{Error, Result};
use crate::safetensors::header::{FLOATS, Type, read_header};
use crate::safetensors::{damaged, index, modules};
use crate::spec::{FileRole, ModelSpec};

/// What is left of a model's tensors.
pub(super) struct Weights {
    tensors: HashMap<String, Stored>,
    quantization: Quantization,
    /// Named where a tensor is missing.
    first_file: PathBuf,
}

struct Stored {
    array: Array,
    dtype: Type,
    shape: Vec<u64>,
    file: PathBuf,
    /// As it is called in the file.
    name: String,
}

impl Weights {
    /// Opens the spec's weight files. Their headers are read and checked here; MLX reads the numbers once they are asked
    /// for. What conversions put before all names is taken off.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] for damaged files, with the tensor; [`ErrorKind::SpecInvalid`], [`ErrorKind::ModelMissing`].
    pub fn open(spec: &ModelSpec, quantization: Quantization) -> Result<Self> {
        let files = spec.files_of(FileRole::Weights)?;
        let mut tensors: HashMap<String, Stored> = HashMap::new();
        for &file in &files {
            let header = read_header(file)?;
            // One is enough for MLX to load none.
            if let Some(tensor) = header.iter().find(|tensor| tensor.dtype == Type::F64) {
                let what = format!("tensor {} is in F64, which MLX does not read from a file", tensor.name);
                return Err(damaged(file, &what));
            }
            let mut arrays = Array::load_safetensors(file)
                .map_err(|error| damaged(file, "MLX cannot load it").with_source(error))?;
            for tensor in header {
                let array = arrays
                    .remove(&tensor.name)
                    .ok_or_else(|| damaged(file, &format!("tensor {} was not loaded by MLX", tensor.name)))?;
                let key = modules::bare(spec.architecture, &tensor.name).to_owned();
                let stored =
                    Stored { array, dtype: tensor.dtype, shape: tensor.shape, file: file.into(), name: tensor.name };
                if let Some(other) = tensors.insert(key, stored) {
                    let what = format!("tensor {} is in {} as well", other.name, other.file.display());
                    return Err(damaged(file, &what));
                }
            }
        }
        let first_file = files.first().map(|file| file.to_path_buf()).unwrap_or_default();
        index::check(spec, tensors.values().map(|stored| (stored.name.as_str(), stored.file.as_path())))?;
        Ok(Self { tensors, quantization, first_file })
    }

    /// A tensor of floating-point numbers with this shape.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Array> {
        let Some(stored) = self.tensors.remove(name) else {
            let what = format!("tensor {name} is missing, which this architecture needs");
            return Err(damaged(&self.first_file, &what));
        };
        if !FLOATS.contains(&stored.dtype) {
            return Err(stored.wrong(&format!("is in {:?}; weights are in one of {FLOATS:?}", stored.dtype)));
        }
        stored.with_shape(shape)
    }

    /// The packed integers of a quantised matrix `[rows × columns]`, its scales and its biases.
    fn take_packed(&mut self, path: &str, packing: Packing, rows: usize, columns: usize) -> Result<Packed> {
        let (bits, group_size) = (packing.bits as usize, packing.group_size as usize);
        let weight = self.tensors.remove(&format!("{path}.weight"));
        let weight = weight.ok_or_else(|| damaged(&self.first_file, &format!("tensor {path}.weight is missing")))?;
        if weight.dtype != Type::U32 {
            return Err(weight.wrong(&format!("is in {:?}; weights of {bits} bits are packed in U32", weight.dtype)));
        }
        if !columns.is_multiple_of(group_size) || !(columns * bits).is_multiple_of(32) {
            return Err(weight.wrong(&format!("has {columns} columns, which no groups of {group_size} fill")));
        }
        let groups = [rows, columns / group_size];
        Packed::new(
            weight.with_shape(&[rows, columns * bits / 32])?,
            self.take(&format!("{path}.scales"), &groups)?,
            self.take(&format!("{path}.biases"), &groups)?,
            packing,
        )
    }

    /// How the module at `path` is packed: its tensors say whether, the configuration says how.
    fn packing(&self, path: &str) -> Result<Option<Packing>> {
        let packed = self.tensors.get(&format!("{path}.scales"));
        match (packed, self.quantization.of(path)) {
            (Some(_), Some(packing)) => Ok(Some(packing)),
            (Some(scales), None) => {
                Err(scales.wrong("is there, and config.json does not say how the weights are quantised"))
            }
            (None, _) => match self.tensors.get(&format!("{path}.weight")) {
                Some(weight) if weight.dtype == Type::U32 => {
                    Err(weight.wrong(&format!("is packed in U32, and tensor {path}.scales is missing")))
                }
                // Tools leave what they cannot quantise as it is, without a word in the configuration.
                _ => Ok(None),
            },
        }
    }

    /// A linear layer, quantised or not. The architecture says whether it `has_bias`: one that is only looked for would
    /// be left out in silence where it is missing.
    pub fn linear(&mut self, path: &str, inputs: usize, outputs: usize, has_bias: bool) -> Result<Linear> {
        let bias = has_bias.then(|| self.take(&format!("{path}.bias"), &[outputs])).transpose()?;
        match self.packing(path)? {
            Some(packing) => Ok(Linear::packed(self.take_packed(path, packing, outputs, inputs)?, bias)),
            None => Linear::new(&self.take(&format!("{path}.weight"), &[outputs, inputs])?, bias),
        }
    }

    /// A table of vectors, quantised or not.
    pub fn embedding(&mut self, path: &str, rows: usize, width: usize) -> Result<Embedding> {
        match self.packing(path)? {
            Some(packing) => Ok(Embedding::packed(self.take_packed(path, packing, rows, width)?)),
            None => Ok(Embedding::new(self.take(&format!("{path}.weight"), &[rows, width])?)),
        }
    }

    /// Checks that nothing is left but what `is_unused` says embeddings do without.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] with a tensor that the architecture does not know: the model would be computed without it.
    pub fn finish(self, is_unused: impl Fn(&str) -> bool) -> Result<()> {
        let left = self.tensors.iter().filter(|(name, _)| !is_unused(name)).min_by_key(|(name, _)| name.as_str());
        left.map_or(Ok(()), |(_, stored)| Err(stored.wrong("is not known to this architecture")))
    }
}

impl Stored {
    fn with_shape(self, shape: &[usize]) -> Result<Array> {
        if self.shape.iter().map(|&size| size as usize).eq(shape.iter().copied()) {
            return Ok(self.array);
        }
        Err(self.wrong(&format!("has shape {:?}; config.json makes it {shape:?}", self.shape)))
    }

    fn wrong(&self, what: &str) -> Error {
        damaged(&self.file, &format!("tensor {} {what}", self.name))
    }
}
