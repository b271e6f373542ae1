//! One ONNX Runtime session: inputs and outputs as the file declares them, pooled vectors out.

use std::path::PathBuf;

use ort::environment::Environment;
use ort::memory::Allocator;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{HasSelectedOutputs, OutputSelector, RunOptions, Session};

use super::graph::inspect;
use super::inputs::{Inputs, Numbers};
use super::library::environment;
use super::outputs::{Kind, Output};
use crate::batch::PaddedBatch;
use crate::config::ModelConfig;
use crate::engine::{Backend, BackendFactory};
use crate::error::{Error, ErrorKind, Result};
use crate::options::{Batching, EngineOptions};
use crate::pooling::pool;
use crate::spec::{FileRole, ModelSpec, Pooling};

/// Opens a session for each worker over the same file.
pub(crate) struct SessionFactory {
    environment: Environment,
    path: PathBuf,
    pooling: Pooling,
    config: ModelConfig,
    dynamic_int8: bool,
}

impl SessionFactory {
    /// Loads the library and looks into the model's file; the sessions come with [`BackendFactory::create`].
    pub(crate) fn new(spec: &ModelSpec, config: ModelConfig, options: &EngineOptions) -> Result<Self> {
        let path = spec.file(FileRole::Weights)?.to_path_buf();
        Ok(Self {
            environment: environment(options.onnx_library.as_deref())?,
            dynamic_int8: inspect(spec)?,
            pooling: spec.pooling,
            config,
            path,
        })
    }

    fn open(&self) -> ort::Result<Session> {
        // A builder's error carries the builder back; only its message is of use here.
        #[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
        fn plain<R>(error: ort::Error<R>) -> ort::Error {
            ort::Error::new(error.to_string())
        }
        Session::builder(&self.environment)?
            // Parallelism comes from the engine's workers: measured, they beat one session of several threads.
            .with_intra_threads(1)
            .map_err(plain)?
            .with_intra_op_spinning(false)
            .map_err(plain)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(plain)?
            // Patterns are kept per input shape, and nearly every batch has its own.
            .with_memory_pattern(false)
            .map_err(plain)?
            .commit_from_file(&self.path)
    }
}

impl BackendFactory for SessionFactory {
    fn create(&self) -> Result<Box<dyn Backend>> {
        let session = self.open().map_err(|source| {
            Error::new(ErrorKind::Integrity, format!("ONNX Runtime cannot load {}", self.path.display()))
                .with_file(&self.path)
                .with_source(source)
        })?;
        Ok(Box::new(OnnxBackend::new(session, self)?))
    }

    fn must_run_alone(&self, batching: Batching) -> bool {
        match batching {
            Batching::Auto => self.dynamic_int8,
            Batching::Exact => true,
            Batching::Batched => false,
        }
    }
}

struct OnnxBackend {
    session: Session,
    run_options: RunOptions<HasSelectedOutputs>,
    inputs: Inputs,
    numbers: Numbers,
    output: Output,
    pooling: Pooling,
}

impl OnnxBackend {
    fn new(session: Session, factory: &SessionFactory) -> Result<Self> {
        let unsupported = |what: String| {
            Error::new(ErrorKind::Unsupported, format!("{}: {what}", factory.path.display())).with_file(&factory.path)
        };
        let inputs = Inputs::read(session.inputs(), &factory.config).map_err(unsupported)?;
        let output = Output::choose(session.outputs()).map_err(unsupported)?;
        // A decoder's present keys and values are as large as its activations; they are not fetched.
        let run_options =
            RunOptions::new().map_err(failed)?.with_outputs(OutputSelector::no_default().with(output.name.as_str()));
        Ok(Self { session, run_options, inputs, numbers: Numbers::default(), output, pooling: factory.pooling })
    }
}

impl Backend for OnnxBackend {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        let allocator = Allocator::default();
        let values = self.inputs.values(batch, &mut self.numbers, &allocator).map_err(failed)?;
        let outputs = self.session.run_with_options(values.as_slice(), &self.run_options).map_err(failed)?;
        let (found, numbers) = self.output.numbers(&outputs[self.output.name.as_str()]).map_err(failed)?;
        let dimension = found.last().map_or(0, |&size| size as usize);
        let tokens = if self.output.kind == Kind::Tokens { batch.width } else { 1 };
        if dimension == 0 || numbers.len() != batch.rows() * tokens * dimension {
            return Err(Error::new(
                ErrorKind::RuntimeFailed,
                format!(
                    "output {:?} has shape {found} for {} texts of {} tokens",
                    self.output.name,
                    batch.rows(),
                    batch.width
                ),
            ));
        }
        out.clear();
        match self.output.kind {
            Kind::Pooled => out.extend_from_slice(&numbers),
            Kind::Tokens => {
                out.resize(batch.rows() * dimension, 0.0);
                let texts = numbers.chunks_exact(batch.width * dimension);
                for ((hidden, &length), vector) in texts.zip(&batch.lengths).zip(out.chunks_exact_mut(dimension)) {
                    pool(hidden, dimension, length, self.pooling, vector);
                }
            }
        }
        Ok(dimension)
    }
}

fn failed(source: ort::Error) -> Error {
    Error::new(ErrorKind::RuntimeFailed, "ONNX Runtime failed").with_source(source)
}
