//! MLX-quantised safetensors out of float ones, without MLX: what `mlx_lm.convert` and `mlx.nn.quantize` make of a
//! model's linear layers and word embeddings, in the layout that they write.

mod affine;
mod config;
mod plan;
mod shards;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use self::affine::Packing;
use self::config::SourceConfig;
use self::plan::Plan;
use self::write::Writer;
use super::GROUP_SIZES;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{unwritable, write_whole};
use crate::options::AbortFlag;
use crate::spec::{FileRole, ModelSpec};

/// Bits a weight that are written; MLX has others, which measure worse or save less.
const BITS: [u32; 2] = [4, 8];

/// What MLX's own tools take for the largest size of a shard.
const LARGEST_SHARD: u64 = 5 << 30;

/// What [`quantize`] is told.
pub struct QuantizeOptions<'a> {
    /// Bits a weight: 4 or 8.
    pub bits: u32,
    /// Weights of a row that share a scale and a bias: one of [`GROUP_SIZES`].
    pub group_size: u32,
    /// Bytes of tensors that a file holds before the next is begun.
    pub largest_shard: u64,
    /// Ends the work with [`ErrorKind::Aborted`]; nothing is left behind.
    pub abort: AbortFlag,
    /// Called with bytes written and bytes in all.
    pub on_progress: Box<dyn Fn(u64, u64) + Send + 'a>,
}

impl QuantizeOptions<'_> {
    /// For so many bits a weight, in the groups that MLX's tools take.
    #[must_use]
    pub fn new(bits: u32) -> Self {
        Self {
            bits,
            group_size: 64,
            largest_shard: LARGEST_SHARD,
            abort: AbortFlag::default(),
            on_progress: Box::new(|_, _| {}),
        }
    }

    fn packing(&self) -> Result<Packing> {
        let Self { bits, group_size, .. } = *self;
        if !BITS.contains(&bits) || !GROUP_SIZES.contains(&group_size) {
            let message = format!(
                "{bits} bits in groups of {group_size} cannot be written; bits are one of {BITS:?}, groups one of {GROUP_SIZES:?}"
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Packing { bits: bits as usize, group_size: group_size as usize })
    }
}

/// What [`quantize`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantizeReport {
    /// Linear layers and tables of vectors that are quantised now.
    pub layers: usize,
    /// Weights of a row that share a scale and a bias.
    pub group_size: u32,
    /// Those that are not, because no groups fill their columns.
    pub kept: Vec<String>,
    /// The files that were written: weights, the index where there are several, and the configuration.
    pub files: Vec<(FileRole, PathBuf)>,
}

/// Writes the weights and the configuration of the model in `spec` into `folder` with linear layers and word embeddings
/// quantised as `mlx.core.quantize` does it, to the bit. Scales and biases have the type of the source's weights; all other
/// tensors are carried over byte for byte. Memory stays at a few blocks of rows, however large the model is, and
/// all threads that [`crate::threads::limit`] allows take part. Each file appears by rename, once its bytes are on disk.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the model is quantised already or is not in float32, float16 or bfloat16, naming the
/// tensor, and where nothing is to be quantised; [`ErrorKind::Integrity`] naming the tensor where a file is damaged or
/// a weight is not finite; [`ErrorKind::Unsupported`] for an architecture that MLX has no graph of;
/// [`ErrorKind::SpecInvalid`], [`ErrorKind::ModelMissing`] where a file is not there; [`ErrorKind::Aborted`];
/// [`ErrorKind::Io`] where `folder` cannot be written. Nothing is left behind.
pub fn quantize(spec: &ModelSpec, folder: &Path, options: &QuantizeOptions) -> Result<QuantizeReport> {
    let packing = options.packing()?;
    let config = SourceConfig::read(spec)?;
    let plan = Plan::make(spec, packing, config.is_tied())?;
    let unserialized = |source: serde_json::Error| {
        Error::new(ErrorKind::Internal, "the header of a file cannot be written").with_source(source)
    };
    let shards = shards::deal(&plan.modules, packing, options.largest_shard).map_err(unserialized)?;
    let total = shards.iter().map(|shard| shard.size - shard.header.len() as u64).sum();
    let mut writer = Writer { sources: &plan.sources, packing, options, done: 0, total };
    let mut files = Files(Vec::new());
    for shard in &shards {
        files.add(FileRole::Weights, folder.join(&shard.name), |path| writer.shard(path, shard))?;
    }
    if shards.len() > 1 {
        let index = shards::index(&shards).map_err(unserialized)?;
        files.add(FileRole::Other, folder.join("model.safetensors.index.json"), |path| write_text(path, &index))?;
    }
    let config = config.quantized(packing, &plan.kept);
    files.add(FileRole::Config, folder.join("config.json"), |path| write_text(path, config.as_bytes()))?;
    let group_size = options.group_size;
    Ok(QuantizeReport { layers: plan.layers(), group_size, kept: plan.kept, files: files.keep() })
}

fn write_text(path: &Path, text: &[u8]) -> Result<()> {
    use std::io::Write;
    write_whole(path, |file| file.write_all(text).map_err(|source| unwritable(path, source)))
}

/// Files that go again unless all of them could be written.
struct Files(Vec<(FileRole, PathBuf)>);

impl Files {
    fn add(&mut self, role: FileRole, path: PathBuf, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        write(&path)?;
        self.0.push((role, path));
        Ok(())
    }

    fn keep(mut self) -> Vec<(FileRole, PathBuf)> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for (_, path) in &self.0 {
            // The error that is on its way says more than that a file could not be removed.
            let _ = std::fs::remove_file(path);
        }
    }
}
