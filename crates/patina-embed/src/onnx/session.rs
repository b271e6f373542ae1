//! One ONNX Runtime session: inputs and outputs as the file declares them, pooled vectors out.

use std::path::PathBuf;

use ort::environment::Environment;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{HasSelectedOutputs, OutputSelector, RunOptions, Session, SessionInputValue};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::graph::quantizes_dynamically;
use super::library::environment;
use crate::batch::PaddedBatch;
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
    dynamic_int8: bool,
}

impl SessionFactory {
    /// Loads the library and looks into the model's file; the sessions come with [`BackendFactory::create`].
    pub(crate) fn new(spec: &ModelSpec, options: &EngineOptions) -> Result<Self> {
        let path = spec.file(FileRole::Weights)?.to_path_buf();
        Ok(Self {
            environment: environment(options.onnx_library.as_deref())?,
            dynamic_int8: quantizes_dynamically(&path)?,
            pooling: spec.pooling,
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

/// What an input of a graph is fed with.
#[derive(Debug, Clone, Copy)]
enum Input {
    Ids,
    Mask,
    TypeIds,
    Positions,
}

/// What a graph gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    /// A vector a token, `[rows × width × dimension]`.
    Tokens,
    /// A vector a text, `[rows × dimension]`.
    Pooled,
}

struct OnnxBackend {
    session: Session,
    run_options: RunOptions<HasSelectedOutputs>,
    inputs: Vec<Input>,
    output_name: String,
    output: Output,
    pooling: Pooling,
}

impl OnnxBackend {
    fn new(session: Session, factory: &SessionFactory) -> Result<Self> {
        let unsupported = |what: String| {
            Error::new(ErrorKind::Unsupported, format!("{}: {what}", factory.path.display())).with_file(&factory.path)
        };
        let inputs = session
            .inputs()
            .iter()
            .map(|input| match input.name() {
                "input_ids" => Ok(Input::Ids),
                "attention_mask" => Ok(Input::Mask),
                "token_type_ids" => Ok(Input::TypeIds),
                "position_ids" => Ok(Input::Positions),
                other => {
                    Err(unsupported(format!("the graph wants an input {other:?}, which this engine does not feed")))
                }
            })
            .collect::<Result<Vec<_>>>()?;
        let (output_name, output) = choose_output(session.outputs()).map_err(unsupported)?;
        let run_options =
            RunOptions::new().map_err(failed)?.with_outputs(OutputSelector::no_default().with(output_name.as_str()));
        Ok(Self { session, run_options, inputs, output_name, output, pooling: factory.pooling })
    }
}

/// The output that holds the vectors: by the names that exporters use, else the only one, else the only one of a shape
/// that token vectors have (some exports name their outputs by numbers and give intermediate ones too).
fn choose_output(outputs: &[Outlet]) -> std::result::Result<(String, Output), String> {
    let named = |name: &str| outputs.iter().find(|output| output.name() == name);
    let only = || if let [output] = outputs { Some(output) } else { None };
    let only_tokens = || {
        let mut tokens = outputs.iter().filter(|output| axes(output) == Some(3));
        tokens.next().filter(|_| tokens.next().is_none())
    };
    let output = named("last_hidden_state")
        .or_else(|| named("token_embeddings"))
        .or_else(|| named("sentence_embedding"))
        .or_else(only)
        .or_else(only_tokens)
        .ok_or_else(|| {
            let all: Vec<&str> = outputs.iter().map(Outlet::name).collect();
            format!("none of the graph's outputs ({}) is known to hold embeddings", all.join(", "))
        })?;
    match axes(output) {
        Some(3) => Ok((output.name().to_owned(), Output::Tokens)),
        Some(2) => Ok((output.name().to_owned(), Output::Pooled)),
        Some(rank) => Err(format!("output {:?} has {rank} axes, not 3 (tokens) or 2 (pooled)", output.name())),
        None => {
            Err(format!("output {:?} is {}, and this engine reads tensors of float32", output.name(), output.dtype()))
        }
    }
}

/// How many axes an output of float32 numbers has.
fn axes(output: &Outlet) -> Option<usize> {
    match output.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => Some(shape.len()),
        _ => None,
    }
}

impl Backend for OnnxBackend {
    fn run(&mut self, batch: &PaddedBatch, out: &mut Vec<f32>) -> Result<usize> {
        let shape = [batch.rows(), batch.width];
        let zeros =
            vec![
                0_i64;
                if self.inputs.iter().any(|input| matches!(input, Input::TypeIds)) { batch.ids.len() } else { 0 }
            ];
        // Right padding: a real token's position is its place in the row, and padding is masked wherever it says it is.
        let positions: Vec<i64> = if self.inputs.iter().any(|input| matches!(input, Input::Positions)) {
            (0..batch.rows()).flat_map(|_| 0..batch.width as i64).collect()
        } else {
            Vec::new()
        };
        let values = self
            .inputs
            .iter()
            .map(|input| {
                let numbers = match input {
                    Input::Ids => &batch.ids,
                    Input::Mask => &batch.mask,
                    Input::TypeIds => &zeros,
                    Input::Positions => &positions,
                };
                TensorRef::from_array_view((shape, numbers.as_slice())).map(SessionInputValue::from)
            })
            .collect::<ort::Result<Vec<_>>>()
            .map_err(failed)?;
        let outputs = self.session.run_with_options(values.as_slice(), &self.run_options).map_err(failed)?;
        let (found, numbers) = outputs[self.output_name.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
        let dimension = found.last().map_or(0, |&size| size as usize);
        let tokens = if self.output == Output::Tokens { batch.width } else { 1 };
        if dimension == 0 || numbers.len() != batch.rows() * tokens * dimension {
            return Err(Error::new(
                ErrorKind::RuntimeFailed,
                format!(
                    "output {:?} has shape {found} for {} texts of {} tokens",
                    self.output_name,
                    batch.rows(),
                    batch.width
                ),
            ));
        }
        out.clear();
        match self.output {
            Output::Pooled => out.extend_from_slice(numbers),
            Output::Tokens => {
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
