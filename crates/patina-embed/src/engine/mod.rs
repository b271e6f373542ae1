//! An engine: a model loaded on a runtime, with worker threads that tokenize and compute.

mod backend;
mod count;
mod job;
mod memory;
mod queue;
mod run_memory;
mod workers;

use std::sync::Arc;

pub(crate) use backend::{Backend, BackendFactory, Brake};
use job::Job;
pub(crate) use run_memory::RunMemory;
use workers::Workers;
#[cfg(feature = "mlx")]
pub(crate) use workers::guard;

use crate::config::{ModelConfig, check_limits};
use crate::embeddings::Embeddings;
use crate::error::{Error, ErrorKind, Result};
use crate::identity::encoder_id;
use crate::options::{EmbedOptions, EngineOptions, RuntimeRequest, TextKind};
use crate::prompt::Prompt;
use crate::runtime::{MachineFacts, Offer, choose_runtime};
use crate::spec::{FileRole, ModelSpec, Runtime};
use crate::threads::BUDGET;
use crate::tokenizer::Tokenizer;

/// Padded tokens a batch may have on a CPU. Measured: 512 keeps a layer's activations in the cache; 8,192 lost a third.
const CPU_TOKEN_BUDGET: usize = 512;

/// What every engine does, whichever runtime is behind it.
pub trait EmbeddingEngine: Send + Sync {
    /// Embeds a text as it is, without a prefix: `[dimension]`.
    ///
    /// # Errors
    /// As [`EmbeddingEngine::embed_batch`].
    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_one(text, TextKind::Raw)
    }

    /// Embeds a search query with the model's query template: `[dimension]`.
    ///
    /// # Errors
    /// As [`EmbeddingEngine::embed_batch`].
    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_one(text, TextKind::Query)
    }

    /// Embeds a passage with the model's passage template: `[dimension]`.
    ///
    /// # Errors
    /// As [`EmbeddingEngine::embed_batch`].
    fn embed_passage(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_one(text, TextKind::Passage)
    }

    /// Embeds one text with the template of `kind`: `[dimension]`.
    ///
    /// # Errors
    /// As [`EmbeddingEngine::embed_batch`].
    fn embed_one(&self, text: &str, kind: TextKind) -> Result<Vec<f32>> {
        let options = EmbedOptions { kind, ..EmbedOptions::default() };
        Ok(self.embed_batch(&[text], &options)?.into_parts().0.into_vec())
    }

    /// Embeds texts; row i of the result belongs to text i, whatever order they were computed in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for options that the model cannot honour or a text it cannot take (with its index),
    /// [`ErrorKind::NonFinite`] with the index of a text whose vector is no vector, [`ErrorKind::RuntimeFailed`],
    /// [`ErrorKind::Aborted`], [`ErrorKind::Closed`].
    fn embed_batch(&self, texts: &[&str], options: &EmbedOptions) -> Result<Embeddings>;

    /// How many tokens each text has as it is: no special tokens, no template, nothing cut off. Special tokens that it
    /// spells out are taken as when it is embedded.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the index of a text that the tokenizer refuses, [`ErrorKind::Closed`].
    fn count_tokens(&self, texts: &[&str]) -> Result<Vec<u32>>;

    /// Numbers in a full vector.
    fn dimension(&self) -> usize;

    /// The model's name for people.
    fn model_name(&self) -> &str;
}

/// A loaded model. Dropping it ends its threads; calls that are running then fail with [`ErrorKind::Closed`].
pub struct Engine {
    spec: ModelSpec,
    encoder_id: String,
    factory: Arc<dyn BackendFactory>,
    workers: Workers,
}

impl Engine {
    /// Loads a model on the runtime that its files are for, and starts its workers.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`], [`ErrorKind::ModelMissing`], [`ErrorKind::Integrity`] naming the field or file;
    /// [`ErrorKind::RuntimeUnavailable`] where this build or machine lacks the spec's runtime, or the memory for its files.
    pub fn open(spec: ModelSpec, options: &EngineOptions) -> Result<Self> {
        spec.validate()?;
        let config = ModelConfig::read(&spec)?;
        check_limits(&spec, &config)?;
        choose_runtime(&MachineFacts::current(), &[Offer::of_spec(&spec)], &[], RuntimeRequest::Only(spec.runtime))?;
        let threads = match options.threads {
            Some(0) => return Err(Error::new(ErrorKind::InvalidInput, "an engine needs at least 1 thread, not 0")),
            Some(threads) => threads.min(crate::threads::limit()),
            None => crate::threads::limit(),
        };
        let factory: Arc<dyn BackendFactory> = match spec.runtime {
            #[cfg(feature = "onnx")]
            Runtime::Onnx => Arc::new(crate::onnx::SessionFactory::new(&spec, config, options, threads)?),
            #[cfg(feature = "mlx")]
            Runtime::Mlx => Arc::new(crate::mlx::MlxFactory::new(&spec, &config, threads)),
            #[allow(unreachable_patterns, reason = "a build with all runtimes leaves none")]
            runtime => {
                let message = format!("{} was chosen, which this build does not have", runtime.name());
                return Err(Error::new(ErrorKind::Internal, message));
            }
        };
        Self::start(spec, options, threads, factory)
    }

    fn start(
        spec: ModelSpec,
        options: &EngineOptions,
        threads: usize,
        factory: Arc<dyn BackendFactory>,
    ) -> Result<Self> {
        let tokenizer_file = spec.file(FileRole::Tokenizer)?;
        let threads_a_run = factory.threads_a_run();
        let plan = job::Plan {
            token_budget: factory.token_budget().unwrap_or(CPU_TOKEN_BUDGET),
            exact: factory.must_run_alone(options.batching),
            pooled_width: spec.dimension,
            normalize: spec.normalize,
            memory: memory::budget(options.memory)?,
            workers: threads.div_ceil(threads_a_run),
            threads_a_run,
        };
        let tokenizer = || Tokenizer::from_file(tokenizer_file, spec.max_tokens, options.special_tokens);
        let workers = Workers::start(tokenizer, plan, Arc::clone(&factory), &BUDGET)?;
        Ok(Self { encoder_id: encoder_id(&spec, options), spec, factory, workers })
    }

    /// Embeds texts without waiting: `on_done` is called once with the vectors or the error, from a worker thread, or at
    /// once for options that the model cannot honour; `on_progress` after each batch with how many texts are done. Neither
    /// may wait for another call or for the end of an engine: the worker it runs on is what that would wait for.
    pub fn submit(
        &self,
        texts: Vec<String>,
        options: &EmbedOptions,
        on_progress: Option<Box<dyn Fn(usize) + Send + Sync>>,
        on_done: impl FnOnce(Result<Embeddings>) + Send + 'static,
    ) {
        let prompt = Prompt::new(&self.spec, options.kind, options.task.as_deref());
        match prompt.and_then(|prompt| Ok((prompt, self.output_dimension(options.dimension)?))) {
            Ok((prompt, dimension)) => {
                let abort = options.abort.clone();
                self.workers.submit(Job::new(texts, prompt, dimension, abort, on_progress, Box::new(on_done)));
            }
            Err(error) => on_done(Err(error)),
        }
    }

    fn output_dimension(&self, asked: Option<usize>) -> Result<usize> {
        let full = self.spec.dimension;
        let Some(asked) = asked else { return Ok(full) };
        let least = self.spec.min_dimension.unwrap_or(full);
        if (least..=full).contains(&asked) {
            return Ok(asked);
        }
        let why = if self.spec.min_dimension.is_some() {
            format!("model {} can be cut to {least} to {full} numbers, not to {asked}", self.spec.key)
        } else {
            format!("model {} is not trained for cutting: its vectors have {full} numbers, not {asked}", self.spec.key)
        };
        Err(Error::new(ErrorKind::InvalidInput, why))
    }

    /// What the engine was opened with.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The runtime that computes.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        self.spec.runtime
    }

    /// The identity of this encoder, see [`crate::identity`].
    #[must_use]
    pub fn encoder_id(&self) -> &str {
        &self.encoder_id
    }

    /// What kept the model from loading as it should and is no error, for people: an optimised graph that could not be
    /// kept, say. The vectors are right all the same.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.factory.warnings()
    }

    /// Fails what waits and what runs with [`ErrorKind::Closed`] and has the threads end as soon as the runtime lets them.
    /// Does not wait for them; dropping the engine, or [`Engine::wait`], does.
    pub fn close(&self) {
        self.workers.close();
    }

    /// Returns when the threads of a closed engine have ended. An engine that is open never gets there.
    pub fn wait(&self) {
        self.workers.wait();
    }
}

impl EmbeddingEngine for Engine {
    fn embed_batch(&self, texts: &[&str], options: &EmbedOptions) -> Result<Embeddings> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        self.submit(texts, options, None, move |result| {
            // The receiver below waits for as long as the sender lives.
            let _ = sender.send(result);
        });
        receiver.recv().unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a job ended without a result")))
    }

    fn count_tokens(&self, texts: &[&str]) -> Result<Vec<u32>> {
        self.workers.count_tokens(texts)
    }

    fn dimension(&self) -> usize {
        self.spec.dimension
    }

    fn model_name(&self) -> &str {
        &self.spec.name
    }
}
