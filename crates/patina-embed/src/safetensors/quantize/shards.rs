//! How written tensors are dealt to files, and where in its file each lies.

use std::collections::BTreeMap;

use serde::Serializer;
use serde::ser::SerializeMap;

use super::super::header::Entry;
use super::super::index::{Metadata, NewIndex};
use super::affine::Packing;
use super::plan::{Module, Part};

/// A file that is written.
pub(super) struct Shard<'plan> {
    pub name: String,
    pub modules: &'plan [Module],
    /// Where the parts of each module begin, in bytes from the beginning of the file.
    pub offsets: Vec<Vec<u64>>,
    /// What stands before the numbers, its length included.
    pub header: Vec<u8>,
    /// Bytes of the whole file.
    pub size: u64,
    /// Names of all tensors.
    pub tensors: Vec<String>,
}

/// Deals modules to shards of at most `most` bytes of numbers in their order, as MLX's tools do; a module that alone has
/// more is a shard of its own. The parts of a module lie in one shard.
pub(super) fn deal(modules: &[Module], packing: Packing, most: u64) -> serde_json::Result<Vec<Shard<'_>>> {
    let bytes = |module: &Module| module.parts(packing).iter().map(Part::bytes).sum::<u64>();
    let mut ends = Vec::new();
    let mut filled = 0;
    for (index, module) in modules.iter().enumerate() {
        let bytes = bytes(module);
        if filled > 0 && filled + bytes > most {
            ends.push(index);
            filled = 0;
        }
        filled += bytes;
    }
    ends.push(modules.len());
    let count = ends.len();
    let begins = std::iter::once(0).chain(ends.clone());
    begins
        .zip(ends)
        .enumerate()
        .map(|(index, (begin, end))| {
            let name = match count {
                1 => "model.safetensors".to_owned(),
                _ => format!("model-{:05}-of-{count:05}.safetensors", index + 1),
            };
            Shard::lay_out(name, &modules[begin..end], packing)
        })
        .collect()
}

impl<'plan> Shard<'plan> {
    fn lay_out(name: String, modules: &'plan [Module], packing: Packing) -> serde_json::Result<Self> {
        let parts: Vec<Vec<Part>> = modules.iter().map(|module| module.parts(packing)).collect();
        let mut order: Vec<(usize, usize)> = parts
            .iter()
            .enumerate()
            .flat_map(|(module, parts)| (0..parts.len()).map(move |part| (module, part)))
            .collect();
        // Wide numbers first: each then lies at a multiple of its width, without gaps, which the format does not allow.
        order.sort_by_key(|&(module, part)| std::cmp::Reverse(parts[module][part].dtype.bytes()));
        let mut offsets: Vec<Vec<u64>> = parts.iter().map(|parts| vec![0; parts.len()]).collect();
        let mut filled = 0;
        let mut header = vec![0; 8];
        let mut serializer = serde_json::Serializer::new(&mut header);
        let mut map = serializer.serialize_map(None)?;
        // MLX's tools write it, and refuse files that do not say what they are of.
        map.serialize_entry("__metadata__", &BTreeMap::from([("format", "mlx")]))?;
        for (module, part) in order {
            let Part { name, dtype, shape } = &parts[module][part];
            let end = filled + parts[module][part].bytes();
            map.serialize_entry(name, &Entry { dtype: *dtype, shape: shape.clone(), data_offsets: (filled, end) })?;
            offsets[module][part] = filled;
            filled = end;
        }
        map.end()?;
        header.resize(header.len().next_multiple_of(8), b' ');
        let begin = header.len() as u64;
        header[..8].copy_from_slice(&(begin - 8).to_le_bytes());
        offsets.iter_mut().flatten().for_each(|offset| *offset += begin);
        let tensors = parts.into_iter().flatten().map(|part| part.name).collect();
        Ok(Self { name, modules, offsets, header, size: begin + filled, tensors })
    }
}

/// The index of several shards, in JSON.
pub(super) fn index(shards: &[Shard]) -> serde_json::Result<Vec<u8>> {
    let places =
        shards.iter().flat_map(|shard| shard.tensors.iter().map(|tensor| (tensor.as_str(), shard.name.as_str())));
    let total_size = shards.iter().map(|shard| shard.size - shard.header.len() as u64).sum();
    let index = NewIndex { metadata: Metadata { total_size }, weight_map: places.collect() };
    let mut text = serde_json::to_vec_pretty(&index)?;
    text.push(b'\n');
    Ok(text)
}
