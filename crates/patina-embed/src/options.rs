//! What a caller may choose: once when an engine is opened, and with each call.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

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
    /// Worker threads, each computing on one core. `None`: as many as the process may use ([`crate::threads::limit`]).
    /// One thread more answers single texts while all workers are busy; it takes its time from theirs.
    pub threads: Option<usize>,
    /// Bytes that running batches may take together, beside the weights. `None`: half of the memory that is available
    /// when the engine opens. Batches shrink to it; a single text that needs more is an error.
    pub memory: Option<u64>,
    /// A folder for optimised graphs, which make a model open several times as fast and hold less memory, since their
    /// weights are mapped. `None`: nothing is kept. Only this user may write it: what lies there is loaded.
    pub graph_cache: Option<PathBuf>,
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
    /// Aborts the call.
    pub abort: AbortFlag,
}

/// Shared between a caller and its running calls.
#[derive(Clone, Default)]
pub struct AbortFlag(Arc<Inner>);

#[derive(Default)]
struct Inner {
    aborted: AtomicBool,
    listeners: Mutex<Vec<Weak<dyn AbortListener>>>,
}

/// Told once when a flag it listens to is raised.
pub(crate) trait AbortListener: Send + Sync {
    fn on_abort(&self);
}

impl AbortFlag {
    /// Ends the calls it was given to with [`crate::ErrorKind::Aborted`]: they are answered at once, what waits of them is
    /// forgotten, and what runs of them ends as soon as the runtime can.
    pub fn abort(&self) {
        self.0.aborted.store(true, Ordering::SeqCst);
        // Listeners are called without the lock: they take locks of their own.
        let listeners = std::mem::take(&mut *self.listeners());
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener.on_abort();
        }
    }

    /// Whether [`AbortFlag::abort`] was called.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.aborted.load(Ordering::SeqCst)
    }

    /// Has `listener` told, at once where the flag is raised already, for as long as somebody holds it.
    pub(crate) fn listen(&self, listener: &Arc<impl AbortListener + 'static>) {
        let weak = Arc::downgrade(listener) as Weak<dyn AbortListener>;
        {
            let mut listeners = self.listeners();
            // A flag may be used for many calls; those that are over no longer listen.
            listeners.retain(|listener| listener.strong_count() > 0);
            listeners.push(weak);
        }
        // Raised before or while the listener was added: whichever came first, it is told.
        if self.is_aborted() {
            listener.on_abort();
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Weak<dyn AbortListener>>> {
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for AbortFlag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("AbortFlag").field(&self.is_aborted()).finish()
    }
}
