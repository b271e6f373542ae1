//! Opening a session: the settings that suit an engine with many workers and batches of ever other shapes, from the
//! model's file or from its optimised graph in the cache.

use std::path::{Path, PathBuf};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use super::graph_cache::{Draft, Entry, WEIGHTS};
use super::library::{environment, library_version};
use super::packed::{Packing, packing};
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

/// How the runs of a session use threads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Threads {
    /// One each: as many run at once as there are workers.
    One,
    /// So many each, which sleep while they wait for one another: of large models, whose steps take long.
    Sleeping(usize),
    /// So many each, which spin while they wait for one another, and sleep as soon as no run is going on: of small ones,
    /// whose steps take less time than waking up.
    Spinning(usize),
}

/// A source once ONNX Runtime is loaded.
struct Opening<'source> {
    source: &'source Source,
    environment: Environment,
    threads: Threads,
}

impl Source {
    /// Opens a session. What kept the cache from being used is pushed to `warnings`: the session is right all the same.
    pub fn open(&self, threads: Threads, warnings: &mut Vec<String>) -> Result<Session> {
        self.opening(threads)?.open(warnings)
    }

    /// Opens a second session over the mapped weights of the first. `None` where they are not mapped, or not packed, so that
    /// it would hold a copy of them.
    pub fn open_again(&self, threads: Threads, warnings: &mut Vec<String>) -> Option<Session> {
        let opening = self.opening(threads).ok()?;
        let graph = opening.entry()?.ok()?.graph()?;
        if packing(&graph).ok()? != Packing::Aligned {
            return None;
        }
        match opening.open_optimized(&graph) {
            Ok(session) => Some(session),
            Err(error) => {
                warnings.push(format!(
                    "single texts of {} are embedded by one thread, because its optimised graph could not be opened a \
                     second time ({error})",
                    self.path.display()
                ));
                None
            }
        }
    }

    fn opening(&self, threads: Threads) -> Result<Opening<'_>> {
        Ok(Opening { source: self, environment: environment(self.library.as_deref())?, threads })
    }

    /// A model with external data is mapped already, and would be written to disk a second time for nothing.
    fn is_worth_caching(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() <= MOST_CACHED)
    }
}

impl Opening<'_> {
    fn open(&self, warnings: &mut Vec<String>) -> Result<Session> {
        let source = self.source;
        let Some(entry) = self.entry() else { return self.open_file() };
        let mut unused = |what: &str, error: &dyn std::fmt::Display| {
            warnings.push(format!("the optimised graph of {} {what} ({error})", source.path.display()));
        };
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

    /// Where the optimised graph is or will be; `None` where there shall be none.
    fn entry(&self) -> Option<std::io::Result<Entry>> {
        let source = self.source;
        let cache = source.cache.as_deref().filter(|_| source.is_worth_caching())?;
        let version = library_version().ok_or_else(|| std::io::Error::other("ONNX Runtime's version is unknown"));
        Some(version.and_then(|version| Entry::new(cache, &source.path, &source.sha256, &version)))
    }

    /// Opens the model's file, keeps its optimised graph, and opens that: it holds less memory.
    fn open_and_keep(
        &self,
        entry: &Entry,
        draft: Draft<'_>,
        unused: &mut impl FnMut(&str, &dyn std::fmt::Display),
    ) -> Result<Session> {
        let kept = self.keep_loadable(&draft);
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

    /// Writes the graph with its weights packed, or without where these could not be loaded.
    fn keep_loadable(&self, draft: &Draft<'_>) -> std::result::Result<(), String> {
        self.keep(draft, true).map_err(|error| error.to_string())?;
        if packing(&draft.graph()).map_err(|error| error.to_string())? == Packing::Misaligned {
            draft.clear().map_err(|error| error.to_string())?;
            self.keep(draft, false).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn keep(&self, draft: &Draft<'_>, packed: bool) -> ort::Result<()> {
        self.settings(GraphOptimizationLevel::All)?
            .with_optimized_model_path(draft.graph())
            .map_err(plain)?
            .with_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
            .map_err(plain)?
            .with_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", LEAST_MAPPED)
            .map_err(plain)?
            // In the layout that this processor's kernels want: mapped like the rest, instead of a copy in each session.
            .with_config_entry("session.save_external_prepacked_constant_initializers", if packed { "1" } else { "0" })
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
        let (threads, spins) = match self.threads {
            Threads::One => (1, false),
            Threads::Sleeping(threads) => (threads, false),
            Threads::Spinning(threads) => (threads, true),
        };
        Session::builder(&self.environment)?
            .with_intra_threads(threads)
            .map_err(plain)?
            .with_intra_op_spinning(spins)
            .map_err(plain)?
            // Nothing spins after a run.
            .with_config_entry("session.force_spinning_stop", "1")
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
