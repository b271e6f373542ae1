//! What this machine and this build are, and which runtime follows from it.

use std::num::NonZeroUsize;

use napi_derive::napi;
use patina_embed::runtime::{MachineFacts, choose_runtime};
use patina_embed::{Runtime, RuntimeRequest, threads};

use crate::outcome::NativeError;
use crate::spec::word;

/// Facts that decide the runtime, and versions.
#[napi(object)]
pub struct NativeFacts {
    /// macOS on an ARM processor.
    pub apple_silicon: bool,
    /// This build has the MLX engine.
    pub mlx_built: bool,
    /// This build has the ONNX engine.
    pub onnx_built: bool,
    /// Version of the addon.
    pub addon_version: String,
    /// Version of the ONNX Runtime that is loaded, once an engine has been opened or the library was asked for.
    pub onnxruntime_version: Option<String>,
    /// What the processor has of the instructions that matter to speed, as far as the operating system tells.
    pub cpu_features: Vec<String>,
}

/// The facts of this machine and build.
#[napi(catch_unwind)]
pub fn native_facts() -> NativeFacts {
    let facts = MachineFacts::current();
    NativeFacts {
        apple_silicon: facts.apple_silicon,
        mlx_built: facts.mlx_built,
        onnx_built: facts.onnx_built,
        addon_version: env!("CARGO_PKG_VERSION").to_owned(),
        onnxruntime_version: patina_embed::onnx::library_version(),
        cpu_features: patina_embed::cpu::features().into_iter().map(str::to_owned).collect(),
    }
}

/// Lets at most `count` worker threads of this process compute at once, over all engines; 0 changes nothing. Returns how
/// many may.
#[napi(catch_unwind)]
pub fn limit_threads(count: u32) -> u32 {
    if let Some(count) = NonZeroUsize::new(count as usize) {
        threads::set_limit(count);
    }
    threads::limit() as u32
}

/// A runtime and why it was chosen, or the error.
#[napi(object)]
pub struct RuntimeOutcome {
    /// Set where no runtime can be had.
    pub error: Option<NativeError>,
    /// The runtime to use.
    #[napi(ts_type = "'onnx' | 'mlx'")]
    pub runtime: Option<String>,
    /// Why, in the order in which it was decided.
    pub reasons: Vec<String>,
}

/// Chooses a runtime for this machine among those the model has files for.
#[napi(catch_unwind)]
pub fn choose_native_runtime(
    #[napi(ts_arg_type = "'auto' | 'onnx' | 'mlx'")] request: String,
    #[napi(ts_arg_type = "readonly ('onnx' | 'mlx')[]")] offered: Vec<String>,
) -> RuntimeOutcome {
    let decide = || {
        let offered =
            offered.iter().map(|name| word::<Runtime>("runtime", name)).collect::<Result<Vec<_>, NativeError>>()?;
        let request = match request.as_str() {
            "auto" => RuntimeRequest::Auto,
            name => RuntimeRequest::Only(word("runtime", name)?),
        };
        choose_runtime(MachineFacts::current(), &offered, request).map_err(NativeError::from)
    };
    match decide() {
        Ok(decision) => {
            RuntimeOutcome { error: None, runtime: Some(decision.runtime.name().to_owned()), reasons: decision.reasons }
        }
        Err(error) => RuntimeOutcome { error: Some(error), runtime: None, reasons: Vec::new() },
    }
}
