//! A model in main memory, every part of which can be changed.

use std::path::Path;

use patina_embed::{FileRole, ModelSpec};
use serde_json::Value;

use super::support::damage::{Random, damage};
use super::support::safetensors::{Tensor, Tensors};
use super::support::{golden, spec};

pub struct Model {
    spec: ModelSpec,
    pub config: Value,
    /// Which tensor is in which file; null where there is one file.
    pub index: Value,
    /// In the spec's order.
    pub shards: Vec<Tensors>,
}

impl Model {
    /// Reads an undamaged fixture model.
    pub fn read(name: &str) -> Self {
        let spec = spec(name, &golden(name, "golden.json"));
        let json = |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
        let index = spec.files_of(FileRole::Other).map_or(Value::Null, |files| json(files[0]));
        Self {
            config: json(spec.file(FileRole::Config).unwrap()),
            index,
            shards: spec.files_of(FileRole::Weights).unwrap().into_iter().map(Tensors::read).collect(),
            spec,
        }
    }

    /// Writes the model into a folder; where it is given `random`, the bytes of one of the files are damaged as well.
    pub fn write(mut self, folder: &Path, random: Option<&mut Random>) -> ModelSpec {
        let shards: Vec<_> = self.shards.iter().map(Tensors::write).collect();
        let mut shards = shards.into_iter();
        let mut files: Vec<_> = self
            .spec
            .files
            .iter_mut()
            .filter(|file| file.role != FileRole::Tokenizer)
            .map(|file| {
                let bytes = match file.role {
                    FileRole::Config => self.config.to_string().into_bytes(),
                    FileRole::Weights => shards.next().unwrap(),
                    _ => self.index.to_string().into_bytes(),
                };
                (file, bytes)
            })
            .collect();
        if let Some(random) = random {
            let at = random.below(files.len());
            damage(&mut files[at].1, random);
        }
        for (file, bytes) in files {
            file.path = folder.join(file.path.file_name().unwrap());
            std::fs::write(&file.path, bytes).unwrap();
        }
        self.spec
    }

    /// All tensors.
    pub fn tensors(&mut self) -> impl Iterator<Item = &mut Tensor> {
        self.shards.iter_mut().flat_map(|shard| &mut shard.0)
    }

    /// Some tensor's file and place in it; `None` where there are none left.
    pub fn place(&self, random: &mut Random) -> Option<(usize, usize)> {
        let shard = random.below(self.shards.len());
        let count = self.shards[shard].0.len();
        (count > 0).then(|| (shard, random.below(count)))
    }

    /// Some tensor.
    pub fn tensor(&mut self, random: &mut Random) -> Option<&mut Tensor> {
        let (shard, at) = self.place(random)?;
        Some(&mut self.shards[shard].0[at])
    }
}

/// Bytes of a number of this type.
pub fn size_of(dtype: &str) -> usize {
    match dtype {
        "BOOL" | "U8" | "I8" => 1,
        "F16" | "BF16" | "U16" | "I16" => 2,
        "F64" | "U64" | "I64" => 8,
        _ => 4,
    }
}

/// Gives a tensor as many numbers as its shape says, as long as that is no more than a megabyte.
pub fn fit(tensor: &mut Tensor) {
    let count = tensor.shape.iter().try_fold(size_of(&tensor.dtype) as u64, |bytes, &size| bytes.checked_mul(size));
    if let Some(count) = count.filter(|&count| count <= 1 << 20) {
        tensor.numbers.resize(count as usize, 0x3c);
    }
}
