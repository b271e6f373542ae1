//! Quantising a model's files, on a thread of its own.

use napi::bindgen_prelude::Object;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use patina_embed::{FileRole, onnx, safetensors};

use crate::engine::{NativeAbort, caught};
use crate::outcome::NativeError;
use crate::shutdown::answer;
use crate::spec::ModelSpec;

/// The end of a quantising: what was written, or the error.
#[napi(object)]
#[derive(Default)]
pub struct QuantizeOutcome {
    /// Set where nothing was written.
    pub error: Option<NativeError>,
    /// Linear layers that compute in int8 now.
    pub layers: u32,
    /// Whether weights are within ±64 for processors without VNNI.
    pub reduce_range: bool,
    /// The files that were written: the graph and, for a large model, its data file.
    pub files: Vec<String>,
}

impl From<onnx::QuantizeReport> for QuantizeOutcome {
    fn from(report: onnx::QuantizeReport) -> Self {
        Self {
            error: None,
            layers: report.layers as u32,
            reduce_range: report.reduce_range,
            files: report.files.iter().map(|file| file.display().to_string()).collect(),
        }
    }
}

/// Writes the float32 model in `source` to `target` in dynamic int8; `on_progress` gets the share that is written, 0 to 1.
/// Without `reduce_range` the processor decides.
#[napi(ts_return_type = "Promise<QuantizeOutcome>")]
pub fn quantize_onnx<'env>(
    env: &'env Env,
    source: String,
    target: String,
    reduce_range: Option<bool>,
    abort: Option<&NativeAbort>,
    on_progress: Option<ThreadsafeFunction<f64, (), f64, Status, false, true>>,
) -> napi::Result<Object<'env>> {
    let abort = abort.map(NativeAbort::flag).unwrap_or_default();
    answer(env, move || {
        let on_progress = shares(on_progress);
        let options = onnx::QuantizeOptions { reduce_range, abort, on_progress, ..onnx::QuantizeOptions::default() };
        let quantized = caught(|| Ok(onnx::quantize(source.as_ref(), target.as_ref(), &options)?));
        quantized.map_or_else(
            |error| QuantizeOutcome { error: Some(error), ..QuantizeOutcome::default() },
            QuantizeOutcome::from,
        )
    })
}

/// The end of a quantising of safetensors: what was written, or the error.
#[napi(object)]
#[derive(Default)]
pub struct QuantizeSafetensorsOutcome {
    /// Set where nothing was written.
    pub error: Option<NativeError>,
    /// Linear layers and tables of vectors that are quantised now.
    pub layers: u32,
    /// Weights of a row that share a scale and a bias.
    pub group_size: u32,
    /// Paths of those that are not, because no groups fill their columns.
    pub kept: Vec<String>,
    /// The files that were written.
    pub files: Vec<WrittenFile>,
}

/// A file of a model that was written.
#[napi(object)]
pub struct WrittenFile {
    /// What it is for.
    #[napi(ts_type = "'config' | 'weights' | 'other'")]
    pub role: String,
    /// Where it is, as the folder was given.
    pub path: String,
}

impl From<safetensors::QuantizeReport> for QuantizeSafetensorsOutcome {
    fn from(report: safetensors::QuantizeReport) -> Self {
        let file = |(role, path): &(FileRole, std::path::PathBuf)| WrittenFile {
            role: match role {
                FileRole::Weights => "weights",
                FileRole::Config => "config",
                _ => "other",
            }
            .to_owned(),
            path: path.display().to_string(),
        };
        let files = report.files.iter().map(file).collect();
        let (layers, group_size) = (report.layers as u32, report.group_size);
        Self { error: None, layers, group_size, kept: report.kept, files }
    }
}

/// Writes weights and configuration of the model in `spec` into `folder`, quantised as MLX's tools do it; `on_progress`
/// gets the share that is written, 0 to 1. Needs no MLX. Without `group_size` groups are as those tools have them.
#[napi(ts_return_type = "Promise<QuantizeSafetensorsOutcome>")]
pub fn quantize_safetensors<'env>(
    env: &'env Env,
    spec: ModelSpec,
    folder: String,
    bits: u32,
    group_size: Option<u32>,
    abort: Option<&NativeAbort>,
    on_progress: Option<ThreadsafeFunction<f64, (), f64, Status, false, true>>,
) -> napi::Result<Object<'env>> {
    let abort = abort.map(NativeAbort::flag).unwrap_or_default();
    answer(env, move || {
        let defaults = safetensors::QuantizeOptions::new(bits);
        let group_size = group_size.unwrap_or(defaults.group_size);
        let options = safetensors::QuantizeOptions { group_size, abort, on_progress: shares(on_progress), ..defaults };
        let quantized = caught(|| Ok(safetensors::quantize(&spec.normalize()?, folder.as_ref(), &options)?));
        quantized.map_or_else(
            |error| QuantizeSafetensorsOutcome { error: Some(error), ..QuantizeSafetensorsOutcome::default() },
            QuantizeSafetensorsOutcome::from,
        )
    })
}

/// Tells JavaScript of bytes written and bytes in all.
fn shares(callback: Option<ThreadsafeFunction<f64, (), f64, Status, false, true>>) -> Box<dyn Fn(u64, u64) + Send> {
    Box::new(move |done, total| {
        if let Some(callback) = &callback {
            // A caller that is gone needs no progress.
            let _ = callback.call(done as f64 / total as f64, ThreadsafeFunctionCallMode::NonBlocking);
        }
    })
}
