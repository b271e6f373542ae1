//! The engine as a JavaScript object. Every method returns at once; promises are settled from the engine's threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Float32Array, Object, Uint8Array, Uint32Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use patina_embed::{
    AbortFlag, Batching, EmbedOptions, EmbeddingEngine, Embeddings, Engine, EngineOptions, SpecialTokens, TextKind,
    VectorBuffer,
};

use crate::outcome::NativeError;
use crate::shutdown::{Task, run_aside};
use crate::spec::ModelSpec;

/// What an engine is opened with; what is left out takes the engine's default.
#[napi(object)]
#[derive(Default)]
pub struct NativeEngineOptions {
    /// Special tokens spelled out in texts.
    #[napi(ts_type = "'follow' | 'neutralize'")]
    pub special_tokens: Option<String>,
    /// How texts share runs.
    #[napi(ts_type = "'auto' | 'exact' | 'batched'")]
    pub batching: Option<String>,
    /// Worker threads.
    pub threads: Option<u32>,
    /// Bytes that running batches may take together.
    pub memory: Option<f64>,
    /// A folder for optimised graphs.
    pub graph_cache: Option<String>,
    /// ONNX Runtime's shared library.
    pub onnx_library: Option<String>,
}

/// Options of a call; what is left out takes the engine's default.
#[napi(object)]
#[derive(Default)]
pub struct NativeEmbedOptions {
    /// Which template goes around each text.
    #[napi(ts_type = "'raw' | 'query' | 'passage'")]
    pub kind: Option<String>,
    /// Fills `{task}`.
    pub task: Option<String>,
    /// Keeps the first numbers of each vector.
    pub dimension: Option<u32>,
}

/// The end of a call that gives no value.
#[napi(object)]
pub struct OpenOutcome {
    /// Set where the engine could not be opened.
    pub error: Option<NativeError>,
}

/// The end of a call: vectors, or the error.
#[napi(object, object_from_js = false)]
pub struct EmbedOutcome {
    /// Set where there are no vectors.
    pub error: Option<NativeError>,
    /// Row-major `[rows × dimension]`.
    pub data: Option<Float32Array>,
    /// Tokens of each text.
    pub tokens: Option<Uint32Array>,
    /// 1 where a text was cut.
    pub truncated: Option<Uint8Array>,
    /// Special tokens that each text spelled out.
    pub special_tokens: Option<Uint32Array>,
    /// Numbers in a vector.
    pub dimension: u32,
}

impl From<NativeError> for EmbedOutcome {
    fn from(error: NativeError) -> Self {
        Self { error: Some(error), data: None, tokens: None, truncated: None, special_tokens: None, dimension: 0 }
    }
}

impl From<Embeddings> for EmbedOutcome {
    fn from(embeddings: Embeddings) -> Self {
        let dimension = embeddings.dimension() as u32;
        let (data, reports) = embeddings.into_parts();
        Self {
            error: None,
            data: Some(float32_array(data)),
            tokens: Some(Uint32Array::new(reports.iter().map(|report| report.tokens).collect())),
            truncated: Some(Uint8Array::new(reports.iter().map(|report| u8::from(report.truncated)).collect())),
            special_tokens: Some(Uint32Array::new(reports.iter().map(|report| report.special_tokens).collect())),
            dimension,
        }
    }
}

/// The end of a count: tokens of each text, or the error.
#[napi(object, object_from_js = false)]
pub struct CountOutcome {
    /// Set where there is no count.
    pub error: Option<NativeError>,
    /// `[texts]`
    pub tokens: Option<Uint32Array>,
}

impl From<Result<Vec<u32>, NativeError>> for CountOutcome {
    fn from(result: Result<Vec<u32>, NativeError>) -> Self {
        match result {
            Ok(tokens) => Self { error: None, tokens: Some(Uint32Array::new(tokens)) },
            Err(error) => Self { error: Some(error), tokens: None },
        }
    }
}

/// The numbers as JavaScript sees them, without a copy; their memory goes back when they are collected.
fn float32_array(mut data: VectorBuffer) -> Float32Array {
    let (start, count) = (data.as_mut_ptr(), data.len());
    // SAFETY: the buffer's memory does not move with it, and lives until the finalizer, which owns it, is called. Nobody
    // else reads or writes it from here on.
    unsafe { Float32Array::with_external_data(start, count, move |_, _| drop(data)) }
}

/// A model on its runtime. `open` loads it; after `close` calls fail with `CLOSED`.
#[napi]
pub struct NativeEngine {
    slot: Arc<Mutex<Slot>>,
}

/// Where an engine is in its life. A closed one is let go at once: JavaScript's collector sees only a small object and
/// has no hurry with it, however large the model.
enum Slot {
    Unopened,
    Open(Arc<Engine>),
    Closed,
}

impl Slot {
    fn engine(&self) -> Result<&Arc<Engine>, NativeError> {
        match self {
            Self::Open(engine) => Ok(engine),
            Self::Unopened => Err(NativeError::internal("this engine is not open")),
            Self::Closed => Err(patina_embed::Error::closed().into()),
        }
    }
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[napi]
impl NativeEngine {
    /// An engine that has yet to be opened.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { slot: Arc::new(Mutex::new(Slot::Unopened)) }
    }

    /// Loads the model on a thread of its own.
    #[napi(ts_return_type = "Promise<OpenOutcome>")]
    pub fn open<'env>(
        &self,
        env: &'env Env,
        spec: ModelSpec,
        options: NativeEngineOptions,
    ) -> napi::Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let slot = Arc::clone(&self.slot);
        let task = Task::begin(*env);
        run_aside(move || {
            let error = caught(|| {
                let engine = open(spec, options)?;
                task.keep(&engine);
                let mut slot = lock(&slot);
                if !matches!(*slot, Slot::Unopened) {
                    return Err(NativeError::internal("this engine has been opened before"));
                }
                *slot = Slot::Open(engine);
                Ok(())
            })
            .err();
            deferred.resolve(move |_| Ok(OpenOutcome { error }));
            drop(task);
        });
        Ok(promise)
    }

    /// The identity of the encoder; empty unless the engine is open.
    #[napi(getter)]
    pub fn encoder_id(&self) -> String {
        lock(&self.slot).engine().map(|engine| engine.encoder_id().to_owned()).unwrap_or_default()
    }

    /// What kept the model from loading as it should and is no error.
    #[napi(getter)]
    pub fn warnings(&self) -> Vec<String> {
        lock(&self.slot).engine().map(|engine| engine.warnings()).unwrap_or_default()
    }

    /// Embeds texts; `on_progress` gets the number of texts that are done.
    #[napi(ts_return_type = "Promise<EmbedOutcome>")]
    pub fn embed_batch<'env>(
        &self,
        env: &'env Env,
        texts: Vec<String>,
        options: NativeEmbedOptions,
        abort: Option<&NativeAbort>,
        on_progress: Option<ThreadsafeFunction<u32, (), u32, Status, false, true>>,
    ) -> napi::Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let settle = move |result: Result<Embeddings, NativeError>| {
            deferred.resolve(move |_| Ok(result.map_or_else(EmbedOutcome::from, EmbedOutcome::from)));
        };
        let abort = abort.map(NativeAbort::flag).unwrap_or_default();
        let engine = lock(&self.slot).engine().cloned();
        let submission = engine.and_then(|engine| Ok((engine, call_options(options, abort)?)));
        let (engine, options) = match submission {
            Ok(submission) => submission,
            Err(error) => {
                settle(Err(error));
                return Ok(promise);
            }
        };
        let on_progress = on_progress.map(|callback| {
            Box::new(move |done: usize| {
                // A caller that is gone needs no progress.
                let _ = callback.call(done as u32, ThreadsafeFunctionCallMode::NonBlocking);
            }) as Box<dyn Fn(usize) + Send + Sync>
        });
        engine.submit(texts, &options, on_progress, move |result| settle(result.map_err(NativeError::from)));
        Ok(promise)
    }

    /// Counts the tokens of texts as they are, on threads of its own.
    #[napi(ts_return_type = "Promise<CountOutcome>")]
    pub fn count_tokens<'env>(&self, env: &'env Env, texts: Vec<String>) -> napi::Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let engine = lock(&self.slot).engine().cloned();
        let task = Task::begin(*env);
        run_aside(move || {
            let result = caught(|| {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                Ok(engine?.count_tokens(&texts)?)
            });
            deferred.resolve(move |_| Ok(CountOutcome::from(result)));
            drop(task);
        });
        Ok(promise)
    }

    /// Fails what is running with `CLOSED`; resolves when the engine's threads have ended.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred()?;
        let slot = std::mem::replace(&mut *lock(&self.slot), Slot::Closed);
        let task = Task::begin(*env);
        run_aside(move || {
            // What a panic here would say was said when it happened; the caller must not wait for ever.
            let _ = caught(|| {
                if let Slot::Open(engine) = slot {
                    engine.close();
                    engine.wait();
                }
                Ok(())
            });
            deferred.resolve(|_| Ok(()));
            drop(task);
        });
        Ok(promise)
    }
}

/// Aborts the calls it was given to.
#[napi]
pub struct NativeAbort {
    flag: AbortFlag,
}

#[napi]
impl NativeAbort {
    /// A handle that has not been used.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { flag: AbortFlag::default() }
    }

    /// Asks the calls to end with `ABORTED`.
    #[napi]
    pub fn abort(&self) {
        self.flag.abort();
    }
}

impl NativeAbort {
    /// What a call looks at between two steps.
    pub(crate) fn flag(&self) -> AbortFlag {
        self.flag.clone()
    }
}

/// Turns a panic into an error: it would take the promise with it, and whoever awaits it would wait for ever.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, NativeError>) -> Result<T, NativeError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(NativeError::internal("the native core panicked; please report this with what it printed"))
    })
}

fn open(spec: ModelSpec, options: NativeEngineOptions) -> Result<Arc<Engine>, NativeError> {
    let options = EngineOptions {
        special_tokens: match options.special_tokens.as_deref() {
            None => SpecialTokens::default(),
            Some("follow") => SpecialTokens::Follow,
            Some("neutralize") => SpecialTokens::Neutralize,
            Some(other) => return Err(unknown("specialTokens", other, "follow, neutralize")),
        },
        batching: match options.batching.as_deref() {
            None => Batching::default(),
            Some("auto") => Batching::Auto,
            Some("exact") => Batching::Exact,
            Some("batched") => Batching::Batched,
            Some(other) => return Err(unknown("batching", other, "auto, exact, batched")),
        },
        threads: options.threads.map(|threads| threads as usize),
        memory: options.memory.map(|bytes| bytes as u64),
        graph_cache: options.graph_cache.map(Into::into),
        onnx_library: options.onnx_library.map(Into::into),
    };
    Ok(Arc::new(Engine::open(spec.normalize()?, &options)?))
}

fn call_options(options: NativeEmbedOptions, abort: AbortFlag) -> Result<EmbedOptions, NativeError> {
    let kind = match options.kind.as_deref() {
        None => TextKind::default(),
        Some("raw") => TextKind::Raw,
        Some("query") => TextKind::Query,
        Some("passage") => TextKind::Passage,
        Some(other) => return Err(unknown("kind", other, "raw, query, passage")),
    };
    Ok(EmbedOptions { kind, task: options.task, dimension: options.dimension.map(|size| size as usize), abort })
}

fn unknown(option: &str, value: &str, known: &str) -> NativeError {
    NativeError::invalid(format!("{option} {value:?} is unknown; it is one of {known}"))
}
