//! An ONNX Runtime session behind the engine's interface: inputs and outputs as the file declares them, pooled vectors
//! out.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ort::memory::Allocator;
use ort::session::{NoSelectedOutputs, RunOptions, Session};

use super::concurrent::ConcurrentSession;
use super::graph::inspect;
use super::inputs::{Inputs, Numbers};
use super::load::{Source, Threads};
use super::outputs::{Kind, Output};
use crate::batch::PaddedBatch;
use crate::config::ModelConfig;
use crate::engine::{Backend, BackendFactory, Brake, RunMemory};
use crate::error::{Error, ErrorKind, Result};
use crate::options::{Batching, EngineOptions};
use crate::pooling::pool;
use crate::spec::{FileRole, ModelSpec, Pooling};

/// The operators of a small model are short: the more threads share one, the more of the time they wait for one another.
/// Where that turns was not measured; two threads take 0.6 of the time of one.
const MOST_THREADS: usize = 8;

/// Opens one session, which all workers share, and a second one for single texts where that costs no memory.
pub(crate) struct SessionFactory {
    source: Source,
    /// Of the engine.
    threads: usize,
    /// Whether every run takes all of them.
    runs_take_all: bool,
    config: ModelConfig,
    pooling: Pooling,
    dynamic_int8: bool,
    memory: RunMemory,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    model: Option<Arc<Model>>,
    warnings: Vec<String>,
}

/// What workers share: nothing in it changes.
struct Model {
    path: PathBuf,
    session: ConcurrentSession,
    inputs: Inputs,
    output: Output,
}

impl SessionFactory {
    /// Looks into the model's file; the library and the session come with [`BackendFactory::create`], which takes time
    /// that others can use.
    pub(crate) fn new(spec: &ModelSpec, config: ModelConfig, options: &EngineOptions, threads: usize) -> Result<Self> {
        let path = spec.file(FileRole::Weights)?.to_path_buf();
        let is_whole = spec.files.iter().all(|file| file.role != FileRole::ExternalData);
        let sha256 = spec.files.iter().find(|file| file.path == path).map(|file| file.sha256.clone());
        Ok(Self {
            threads,
            // Weights outside the graph are those of large models. Measured on Qwen3-0.6B's shape and 2 cores: one run of
            // two threads embeds as many tokens a second as two runs of one, and a single text in 0.56 of the time. For
            // small models it is a tenth slower, and more cores would meet more often.
            runs_take_all: !is_whole && threads > 1,
            dynamic_int8: inspect(spec)?,
            pooling: spec.pooling,
            memory: RunMemory::new(spec, &config),
            config,
            source: Source {
                library: options.onnx_library.clone(),
                path,
                sha256: sha256.unwrap_or_default(),
                // Weights in a file of their own are mapped as they are.
                cache: options.graph_cache.clone().filter(|_| is_whole),
            },
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, model: Arc<Model>) -> Result<Box<dyn Backend>> {
        let run_options = Arc::new(RunOptions::new().map_err(failed)?);
        Ok(Box::new(OnnxBackend { model, run_options, numbers: Numbers::default(), pooling: self.pooling }))
    }
}

impl BackendFactory for SessionFactory {
    fn create(&self) -> Result<Box<dyn Backend>> {
        let model = {
            let mut state = self.lock();
            if let Some(model) = &state.model {
                Arc::clone(model)
            } else {
                let threads = if self.runs_take_all { Threads::Sleeping(self.threads) } else { Threads::One };
                let session = self.source.open(threads, &mut state.warnings)?;
                let model = Arc::new(Model::new(session, self.source.path.clone(), &self.config)?);
                Arc::clone(state.model.insert(model))
            }
        };
        self.handle(model)
    }

    fn create_wide(&self) -> Option<Box<dyn Backend>> {
        if self.runs_take_all || self.threads == 1 {
            return None;
        }
        let threads = Threads::Spinning(self.threads.min(MOST_THREADS));
        let session = self.source.open_again(threads, &mut self.lock().warnings)?;
        let model = Model::new(session, self.source.path.clone(), &self.config);
        let handle = model.and_then(|model| self.handle(Arc::new(model)));
        handle
            .map_err(|error| self.lock().warnings.push(format!("single texts are embedded by one thread: {error}")))
            .ok()
    }

    fn threads_a_run(&self) -> usize {
        if self.runs_take_all { self.threads } else { 1 }
    }

    fn must_run_alone(&self, batching: Batching) -> bool {
        match batching {
            Batching::Auto => self.dynamic_int8,
            Batching::Exact => true,
            Batching::Batched => false,
        }
    }

    fn run_bytes(&self, rows: usize, width: usize) -> u64 {
        self.memory.bytes(rows, width)
    }

    fn warnings(&self) -> Vec<String> {
        self.lock().warnings.clone()
    }
}

impl Model {
    fn new(session: Session, path: PathBuf, config: &ModelConfig) -> Result<Self> {
        let unsupported =
            |what: String| Error::new(ErrorKind::Unsupported, format!("{}: {what}", path.display())).with_file(&path);
        let inputs = Inputs::read(session.inputs(), config).map_err(unsupported)?;
        // A decoder's present keys and values are as large as its activations; they are not fetched.
        let output = Output::choose(session.outputs()).map_err(unsupported)?;
        let session = ConcurrentSession::new(session, &output.name).map_err(failed)?;
        Ok(Self { path, session, inputs, output })
    }
}

/// A worker's handle to the model.
struct OnnxBackend {
    model: Arc<Model>,
    run_options: Arc<RunOptions<NoSelectedOutputs>>,
    numbers: Numbers,
    pooling: Pooling,
}

impl Backend for OnnxBackend {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        let Model { path, session, inputs, output } = self.model.as_ref();
        let allocator = Allocator::default();
        let values = inputs.values(batch, &mut self.numbers, &allocator).map_err(failed)?;
        let value = session.run(&values, &self.run_options, &allocator).map_err(|source| {
            Error::new(ErrorKind::RuntimeFailed, format!("ONNX Runtime failed on {}", path.display()))
                .with_file(path)
                .with_source(source)
        })?;
        let (found, numbers) = output.numbers(&value).map_err(failed)?;
        let dimension = found.last().map_or(0, |&size| size as usize);
        let expected = match output.kind {
            Kind::Tokens => vec![batch.rows(), batch.width, dimension],
            Kind::Pooled => vec![batch.rows(), dimension],
        };
        if dimension == 0 || !found.iter().map(|&size| size as usize).eq(expected) {
            return Err(Error::new(
                ErrorKind::RuntimeFailed,
                format!(
                    "output {:?} has shape {found} for {} texts of {} tokens",
                    output.name,
                    batch.rows(),
                    batch.width
                ),
            ));
        }
        out.clear();
        match output.kind {
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

    fn brake(&self) -> Arc<dyn Brake> {
        Arc::new(Terminate(Arc::clone(&self.run_options)))
    }
}

/// ONNX Runtime looks at this flag between two operators.
struct Terminate(Arc<RunOptions<NoSelectedOutputs>>);

impl Brake for Terminate {
    fn pull(&self) {
        // Setting a flag fails only where the options are no options.
        let _ = self.0.terminate();
    }

    fn release(&self) {
        let _ = self.0.unterminate();
    }
}

fn failed(source: ort::Error) -> Error {
    Error::new(ErrorKind::RuntimeFailed, "ONNX Runtime failed").with_source(source)
}
