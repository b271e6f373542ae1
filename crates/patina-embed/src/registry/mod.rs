//! `registry.toml` for Rust callers: which models exist, and where their files are on this machine.
//!
//! The TypeScript package `@patina/registry` fetches, locks and lays overlays over one another; this reads one file and
//! finds what was fetched. Nothing here has a network or looks at the environment: the folders are handed in.

mod entry;
mod locate;
mod lock;
mod nearest;
mod parse;
mod place;
mod problem;
mod rules;
mod schema;
mod table;
mod words;

use std::path::{Path, PathBuf};

pub use entry::{EntryFile, ModelCheck, ModelEntry, ModelVariant, Source, VariantQuality};
pub use parse::read_registry;

use crate::error::{Error, ErrorKind, Result};
use crate::spec::{ModelSpec, Runtime};

/// Which variant of a model to take, and where files are on this machine.
#[derive(Debug, Clone, Default)]
pub struct RegistryRequest {
    /// The variant's name. `None`: the first for the runtime, which a registry lists best quality first. What is on this
    /// machine plays no part in it, so the same call gives the same vectors everywhere.
    pub variant: Option<String>,
    /// `None`: ONNX Runtime.
    pub runtime: Option<Runtime>,
    /// The folder with a folder for each model: `models` below `$PATINA_HOME` (`~/.patina`).
    pub store: Option<PathBuf>,
    /// A Hugging Face cache: `$HF_HUB_CACHE`, or `hub` below `$HF_HOME` (`~/.cache/huggingface`).
    pub hub_cache: Option<PathBuf>,
    /// Each a `models.lock`, for the digests and commits of what the registry has none for; the first that knows a file
    /// counts. A project's lies in its `.patina`, the user's in `$PATINA_HOME`.
    pub locks: Vec<PathBuf>,
}

impl ModelSpec {
    /// The model of a key or an alias in a `registry.toml`, or in a user's overlay of the same form. Every file is read
    /// whole and held against its digest: the registry's, else a lock's.
    ///
    /// ```no_run
    /// # fn main() -> patina_embed::Result<()> {
    /// use std::path::{Path, PathBuf};
    ///
    /// use patina_embed::{Engine, EngineOptions, ModelSpec, RegistryRequest};
    ///
    /// let home = PathBuf::from("/home/ada/.patina");
    /// let request = RegistryRequest {
    ///     variant: Some("int8".into()),
    ///     store: Some(home.join("models")),
    ///     hub_cache: Some("/home/ada/.cache/huggingface/hub".into()),
    ///     locks: vec![home.join("models.lock")],
    ///     ..RegistryRequest::default()
    /// };
    /// let spec = ModelSpec::from_registry(Path::new("resources/models/registry.toml"), "minilm", &request)?;
    /// let engine = Engine::open(spec, &EngineOptions::default())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What [`read_registry`] gives; [`ErrorKind::ModelUnknown`] and [`ErrorKind::VariantUnknown`] with the nearest name;
    /// [`ErrorKind::ModelMissing`] for a file that is nowhere; [`ErrorKind::Integrity`] for one that is not what its digest
    /// says, or that has no digest at all.
    pub fn from_registry(registry: impl AsRef<Path>, key: &str, request: &RegistryRequest) -> Result<Self> {
        let registry = registry.as_ref();
        let mut entries = read_registry(registry)?;
        let entry = entries.swap_remove(entry_of(&entries, registry, key)?);
        let variant = variant_of(&entry, request)?;
        let files = locate::find_files(&entry, variant, request)?;
        let spec = Self {
            variant: variant.name.clone(),
            runtime: variant.runtime,
            files,
            key: entry.key,
            name: entry.name,
            architecture: entry.architecture,
            dimension: entry.dimension,
            min_dimension: entry.min_dimension,
            max_tokens: entry.max_tokens,
            pooling: entry.pooling,
            normalize: entry.normalize,
            query_template: entry.query_template,
            passage_template: entry.passage_template,
            default_task: entry.default_task,
        };
        spec.validate()?;
        Ok(spec)
    }
}

fn entry_of(entries: &[ModelEntry], registry: &Path, key: &str) -> Result<usize> {
    let is_called = |entry: &ModelEntry| entry.key == key || entry.aliases.iter().any(|alias| alias == key);
    if let Some(found) = entries.iter().position(is_called) {
        return Ok(found);
    }
    let keys = entries.iter().map(|entry| entry.key.as_str());
    let suggestion =
        nearest::nearest(key, keys.chain(entries.iter().flat_map(|entry| entry.aliases.iter().map(String::as_str))));
    let hint = suggestion.map_or_else(String::new, |word| format!("; did you mean {word:?}?"));
    let error =
        Error::new(ErrorKind::ModelUnknown, format!("no model of {} is called {key:?}{hint}", registry.display()));
    Err(suggestion.into_iter().fold(error.with_file(registry).with_key(key), Error::with_suggestion))
}

fn variant_of<'entry>(entry: &'entry ModelEntry, request: &RegistryRequest) -> Result<&'entry ModelVariant> {
    let runtime = request.runtime.unwrap_or(Runtime::Onnx);
    let fits = |variant: &&ModelVariant| request.variant.as_ref().is_none_or(|name| *name == variant.name);
    if let Some(found) = entry.variants.iter().filter(|variant| variant.runtime == runtime).find(fits) {
        return Ok(found);
    }
    let all: Vec<String> =
        entry.variants.iter().map(|variant| format!("{} ({})", variant.name, variant.runtime.name())).collect();
    let asked = request.variant.as_ref().map_or_else(String::new, |name| format!(" {name:?}"));
    let message = format!("{} has no variant{asked} for {}; it has {}", entry.key, runtime.name(), all.join(", "));
    let names = entry.variants.iter().map(|variant| variant.name.as_str());
    let suggestion = request.variant.as_ref().and_then(|name| nearest::nearest(name, names));
    let error = Error::new(ErrorKind::VariantUnknown, message).with_key(request.variant.as_ref().unwrap_or(&entry.key));
    Err(suggestion.into_iter().fold(error, Error::with_suggestion))
}
