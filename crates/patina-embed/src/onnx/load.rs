//! Opening a session: the settings that suit an engine with many workers and batches of ever other shapes, from the
//! model's file or from its optimised graph in the cache.

use std::path::{Path, PathBuf};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use super::graph_cache::{Draft, Entry, WEIGHTS};
use super::library::{environment, library_version};
use crate::error::{Error, ErrorKind, Result};

/// Tensors below this stay in the graph's own file.
const LEAST_MAPPED: &str = "1024";

/// Above this a graph with its weights no longer fits one protocol buffer, and is in files that are mapped already.
const MOST_CACHED: u64 = 1_900_000_000;

/// Where a model is opened from.
pub(super) struct Source {
    pub path: PathBuf,
    /// Of the file at `path`.
    pub sha256: String,
    /// The folder for optimised graphs.
    pub cache: Option<PathBuf>,
    /// ONNX Runtime's shared library, where the caller names one.
    pub library: Option<PathBuf>,
}

/// A source once ONNX Runtime is loaded.
struct Opening<'source> {
    source: &'source Source,
    environment: Environment,
}

impl Source {
    /// Opens a session. What kept the cache from being used is pushed to `warnings`: the session is right all the same.
    pub fn open(&self, warnings: &mut Vec<String>) -> Result<Session> {
        Opening { source: self, environment: environment(self.library.as_deref())? }.open(warnings)
    }

    /// A model with external data is mapped already, and would be written to disk a second time for nothing.
    fn is_worth_caching(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() <= MOST_CACHED)
    }
}

impl Opening<'_> {
    fn open(&self, warnings: &mut Vec<String>) -> Result<Session> {
        let source = self.source;
        let Some(cache) = source.cache.as_deref().filter(|_| source.is_worth_caching()) else {
            return self.open_file();
        };
        let mut unused = |what: &str, error: &dyn std::fmt::Display| {
            warnings.push(format!("the optimised graph of {} {what} ({error})", source.path.display()));
        };
        let entry = library_version()
            .ok_or_else(|| std::io::Error::other("ONNX Runtime's version is unknown"))
            .and_then(|version| Entry::new(cache, &source.path, &source.sha256, &version));
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unused("cannot be looked for", &error);
                return self.open_file();
            }
        };
        if let Some(graph) = entry.graph() {
            match self.open_optimized(&graph) {
                Ok(session) => return Ok(session),
                Err(error) => unused("was made again, because it cannot be loaded", &error),
            }
        }
        match entry.draft() {
            Ok(draft) => self.open_and_keep(&entry, draft, &mut unused),
            Err(error) => {
                unused("cannot be kept", &error);
                self.open_file()
            }
        }
    }

    /// Opens the model's file, keeps its optimised graph, and opens that: it holds less memory.
    fn open_and_keep(
        &self,
        entry: &Entry,
        draft: Draft<'_>,
        unused: &mut impl FnMut(&str, &dyn std::fmt::Display),
    ) -> Result<Session> {
        let kept = self.keep(&draft).map_err(|error| error.to_string());
        let opened = kept.and_then(|()| draft.finish().map_err(|error| error.to_string())).and_then(|()| {
            let graph = entry.graph().ok_or("it is not what was written")?;
            self.open_optimized(&graph).map_err(|error| error.to_string())
        });
        match opened {
            Ok(session) => Ok(session),
            Err(error) => {
                // Opened again and without the cache: an error of the model itself shows here, with its own words.
                let session = self.open_file()?;
                unused("cannot be kept", &error);
                Ok(session)
            }
        }
    }

    fn keep(&self, draft: &Draft<'_>) -> ort::Result<()> {
        self.settings(GraphOptimizationLevel::All)?
            .with_optimized_model_path(draft.graph())
            .map_err(plain)?
            .with_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
            .map_err(plain)?
            .with_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", LEAST_MAPPED)
            .map_err(plain)?
            // It would warn that the graph is for this kind of machine alone, which is why the key names the machine.
            .with_log_level(LogLevel::Error)
            .map_err(plain)?
            .commit_from_file(&self.source.path)
            .map(drop)
    }

    fn open_optimized(&self, graph: &Path) -> ort::Result<Session> {
        self.settings(GraphOptimizationLevel::Disable)?.commit_from_file(graph)
    }

    fn open_file(&self) -> Result<Session> {
        self.settings(GraphOptimizationLevel::All)
            .and_then(|mut settings| settings.commit_from_file(&self.source.path))
            .map_err(|source| {
                Error::new(ErrorKind::Integrity, format!("ONNX Runtime cannot load {}", self.source.path.display()))
                    .with_file(&self.source.path)
                    .with_source(source)
            })
    }

    fn settings(&self, level: GraphOptimizationLevel) -> ort::Result<SessionBuilder> {
        Session::builder(&self.environment)?
            // Parallelism comes from the engine's workers: measured, they beat one session of several threads.
            .with_intra_threads(1)
            .map_err(plain)?
            .with_intra_op_spinning(false)
            .map_err(plain)?
            .with_optimization_level(level)
            .map_err(plain)?
            // Fused, the addition before a normalisation is slower than apart: 16 % of the time of a dynamic int8 MiniLM
            // one text a run, nothing in float32 (ONNX Runtime 1.30, AMD EPYC with AVX-512).
            .with_disabled_optimizers("SkipLayerNormFusion")
            .map_err(plain)?
            // Patterns are kept per input shape, and nearly every batch has its own.
            .with_memory_pattern(false)
            .map_err(plain)
    }
}

/// A builder's error carries the builder back; only its message is of use here.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn plain<R>(error: ort::Error<R>) -> ort::Error {
    ort::Error::new(error.to_string())
}
