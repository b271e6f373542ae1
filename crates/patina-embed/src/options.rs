//! What a caller may choose: once when an engine is opened, and with each call.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::spec::Runtime;

/// Which of the model's templates is put around a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TextKind {
    /// None: the text goes to the model as it is.
    #[default]
    Raw,
    /// The query template.
    Query,
    /// The passage template.
    Passage,
}

/// What becomes of a special token that a text spells out (`[SEP]`, `<|endoftext|>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SpecialTokens {
    /// It becomes the special token, as in the reference implementations, and is counted.
    #[default]
    Follow,
    /// It is text like any other.
    Neutralize,
}

/// How texts share a run of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Batching {
    /// Exact where a batch would change the numbers (dynamic int8), batched otherwise.
    #[default]
    Auto,
    /// One text a run.
    Exact,
    /// Always in batches; a dynamically quantised model's vectors then depend on their batch-mates.
    Batched,
}

/// Which runtime a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RuntimeRequest {
    /// The best this machine has.
    #[default]
    Auto,
    /// This one or an error.
    Only(Runtime),
}

/// What an engine is opened with. The first two enter the encoder's identity, since they change vectors.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// Special tokens spelled out in texts.
    pub special_tokens: SpecialTokens,
    /// How texts share runs.
    pub batching: Batching,
    /// Worker threads, each computing on one core. `None`: as many as the machine has cores, at most 8.
    pub threads: Option<usize>,
    /// ONNX Runtime's shared library. `None`: the one of the `onnxruntime-node` package found in a `node_modules` at or
    /// above the current directory. A process loads one; the first engine decides which.
    pub onnx_library: Option<PathBuf>,
}

/// What a call may ask for.
#[derive(Debug, Clone, Default)]
pub struct EmbedOptions {
    /// Which template goes around each text.
    pub kind: TextKind,
    /// Fills `{task}`; an error where the template has none.
    pub task: Option<String>,
    /// Keeps the first numbers of each vector, then normalises (MRL models only).
    pub dimension: Option<usize>,
    /// Aborts the call between two batches.
    pub abort: AbortFlag,
}

/// Shared between a caller and its running call.
#[derive(Debug, Clone, Default)]
pub struct AbortFlag(Arc<AtomicBool>);

impl AbortFlag {
    /// Asks the call to end with [`crate::ErrorKind::Aborted`].
    pub fn abort(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`AbortFlag::abort`] was called.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
