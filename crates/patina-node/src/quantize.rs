//! Quantising a model's file, on a thread of its own.

use napi::bindgen_prelude::Object;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use patina_embed::onnx::{QuantizeOptions, QuantizeReport, quantize};

use crate::engine::{NativeAbort, caught};
use crate::outcome::NativeError;
use crate::shutdown::{Task, run_aside};

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

impl From<QuantizeReport> for QuantizeOutcome {
    fn from(report: QuantizeReport) -> Self {
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
    let (deferred, promise) = env.create_deferred()?;
    let task = Task::begin(*env);
    let abort = abort.map(NativeAbort::flag).unwrap_or_default();
    run_aside(move || {
        let result = caught(|| {
            let on_progress = Box::new(move |done: u64, total: u64| {
                if let Some(callback) = &on_progress {
                    // A caller that is gone needs no progress.
                    let _ = callback.call(done as f64 / total as f64, ThreadsafeFunctionCallMode::NonBlocking);
                }
            });
            let options = QuantizeOptions { reduce_range, abort, on_progress, ..QuantizeOptions::default() };
            Ok(quantize(source.as_ref(), target.as_ref(), &options)?)
        });
        deferred.resolve(move |_| {
            Ok(result.map_or_else(
                |error| QuantizeOutcome { error: Some(error), ..QuantizeOutcome::default() },
                QuantizeOutcome::from,
            ))
        });
        drop(task);
    });
    Ok(promise)
}
