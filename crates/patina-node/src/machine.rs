//! What this machine and this build are, and which runtime follows from it.

use std::num::NonZeroUsize;

use napi_derive::napi;
use patina_embed::runtime::{MachineFacts, Offer, RuntimeDecision, TooLarge, choose_runtime};
use patina_embed::{RuntimeRequest, threads};

use crate::numbers::{LARGEST_WHOLE, is_whole};
use crate::outcome::NativeError;
use crate::spec::word;

/// Facts that decide the runtime, and versions.
#[napi(object)]
#[allow(clippy::struct_excessive_bools, reason = "facts of one machine, each with an answer of its own")]
pub struct NativeFacts {
    /// `macos`, `linux`, `windows`.
    pub os: String,
    /// What this process is made for: `x86_64`, `aarch64`.
    pub arch: String,
    /// macOS on an ARM processor, and a process of that kind.
    pub apple_silicon: bool,
    /// An x86-64 process that Rosetta translates.
    pub rosetta: bool,
    /// Bytes of physical memory, or of what the container may take of it.
    pub memory: Option<f64>,
    /// Bytes that the GPU may hold, where the owner of a Mac has set it.
    pub gpu_limit: Option<f64>,
    /// Linux with the driver of an NVIDIA GPU.
    pub nvidia: bool,
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
        os: facts.os.to_owned(),
        arch: facts.arch.to_owned(),
        apple_silicon: facts.apple_silicon(),
        rosetta: facts.rosetta,
        memory: facts.memory.map(|bytes| bytes as f64),
        gpu_limit: facts.gpu_limit.map(|bytes| bytes as f64),
        nvidia: facts.nvidia,
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

/// One set of a model's files, as far as the choice of a runtime looks at it.
#[napi(object)]
pub struct NativeOffer {
    /// The model's key; empty where a runtime is asked about and no model.
    pub model: String,
    /// The variant; empty with the model.
    pub variant: String,
    /// What the files are for.
    #[napi(ts_type = "'onnx' | 'mlx'")]
    pub runtime: String,
    /// Bytes of the weights, external data included; absent where they are not known.
    pub weights: Option<f64>,
}

/// A set of files that does not fit into memory.
#[napi(object)]
pub struct NativeTooLarge {
    /// The variant.
    pub variant: String,
    /// What it is for.
    #[napi(ts_type = "'onnx' | 'mlx'")]
    pub runtime: String,
    /// What it needs and what there is.
    pub reason: String,
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
    /// Sets of files for the runtime that must not be taken.
    pub too_large: Vec<NativeTooLarge>,
}

/// Chooses a runtime for this machine among those the model has files for. Of `others` an error names what would fit.
#[napi(catch_unwind)]
pub fn choose_native_runtime(
    #[napi(ts_arg_type = "'auto' | 'onnx' | 'mlx'")] request: String,
    offers: Vec<NativeOffer>,
    others: Vec<NativeOffer>,
) -> RuntimeOutcome {
    let decide = || {
        let request = match request.as_str() {
            "auto" => RuntimeRequest::Auto,
            name => RuntimeRequest::Only(word("runtime", name)?),
        };
        let read = |offers: Vec<NativeOffer>| offers.into_iter().map(NativeOffer::normalize).collect();
        let (offers, others): (Result<Vec<_>, _>, Result<Vec<_>, _>) = (read(offers), read(others));
        choose_runtime(&MachineFacts::current(), &offers?, &others?, request).map_err(NativeError::from)
    };
    match decide() {
        Ok(RuntimeDecision { runtime, reasons, too_large }) => RuntimeOutcome {
            error: None,
            runtime: Some(runtime.name().to_owned()),
            reasons,
            too_large: too_large.into_iter().map(NativeTooLarge::from).collect(),
        },
        Err(error) => RuntimeOutcome { error: Some(error), runtime: None, reasons: Vec::new(), too_large: Vec::new() },
    }
}

impl NativeOffer {
    /// The engine's own type.
    fn normalize(self) -> Result<Offer, NativeError> {
        let bytes = |weights: f64| {
            if is_whole(weights, LARGEST_WHOLE) {
                return Ok(weights as u64);
            }
            Err(NativeError::invalid(format!("weights of an offer have to be a whole number of bytes, not {weights}")))
        };
        Ok(Offer {
            runtime: word("runtime", &self.runtime)?,
            weights: self.weights.map(bytes).transpose()?,
            model: self.model,
            variant: self.variant,
        })
    }
}

impl From<TooLarge> for NativeTooLarge {
    fn from(TooLarge { variant, runtime, reason }: TooLarge) -> Self {
        Self { variant, runtime: runtime.name().to_owned(), reason }
    }
}
