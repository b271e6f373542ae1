//! A model in MLX's memory: opened from its files, and run on a batch.

use mlx_rs::{Array, transforms};

use super::bert::Bert;
use super::config::ConfigFile;
use super::failure::failed;
use super::inputs::Inputs;
use super::pooling::pool;
use super::qwen3::Qwen3;
use super::weights::Weights;
use crate::batch::PaddedBatch;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{Architecture, ModelSpec, Pooling, no_mlx_graph};

/// What an architecture has to give.
pub(super) trait Transformer {
    /// Token ids that it has vectors for.
    fn vocabulary(&self) -> usize;

    /// The vectors of all tokens after the last layer, `[rows, width, numbers]`. Nothing is computed yet.
    fn hidden(&self, inputs: &Inputs) -> Result<Array>;

    /// All weights.
    fn arrays(&self) -> Vec<&Array>;
}

/// A loaded model. Its arrays belong to the thread that opened it.
pub(super) struct Model {
    transformer: Box<dyn Transformer>,
    pooling: Pooling,
    normalize: bool,
}

impl Model {
    /// Reads the spec's files into MLX's memory, each byte once.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] for a file that cannot be what it claims to be, with the tensor or key at fault;
    /// [`ErrorKind::Unsupported`] for what this engine would compute wrongly.
    pub fn open(spec: &ModelSpec) -> Result<Self> {
        let config = ConfigFile::read(spec)?;
        let quantization = config.quantization(spec.architecture)?;
        let transformer: Box<dyn Transformer> = match spec.architecture {
            Architecture::Bert | Architecture::XlmRoberta => {
                let mut weights = Weights::open(spec, quantization)?;
                let model = Bert::take(&config, spec.architecture, &mut weights)?;
                weights.finish(Bert::is_unused)?;
                Box::new(model)
            }
            Architecture::Qwen3 => {
                let mut weights = Weights::open(spec, quantization)?;
                let model = Qwen3::take(&config, &mut weights)?;
                weights.finish(Qwen3::is_unused)?;
                Box::new(model)
            }
            Architecture::NomicBert => return Err(no_mlx_graph(&spec.key)),
        };
        // Until here only headers were read; now the numbers are.
        transforms::eval(transformer.arrays()).map_err(failed)?;
        Ok(Self { transformer, pooling: spec.pooling, normalize: spec.normalize })
    }

    /// Pooled vectors, `[rows × numbers]` row by row: one evaluation, one copy out.
    pub fn run(&self, batch: &PaddedBatch) -> Result<Vec<f32>> {
        let inputs = Inputs::new(batch, self.transformer.vocabulary())?;
        let hidden = self.transformer.hidden(&inputs)?;
        let pooled = pool(&hidden, &inputs, self.pooling, self.normalize).map_err(failed)?;
        transforms::eval([&pooled]).map_err(failed)?;
        let vectors = pooled.try_as_slice::<f32>().map_err(|error| {
            Error::new(ErrorKind::Internal, "MLX's result is not where it was asked for").with_source(error)
        })?;
        Ok(vectors.to_vec())
    }
}
