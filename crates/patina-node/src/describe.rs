//! A look into a model's ONNX file, on a thread of its own.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use patina_embed::onnx::{OnnxDescription, describe};

use crate::engine::caught;
use crate::outcome::NativeError;
use crate::shutdown::{Task, run_aside};

/// The end of a look into an ONNX file: what it is, or the error.
#[napi(object)]
#[derive(Default)]
pub struct DescribeOutcome {
    /// Set where the file could not be looked into.
    pub error: Option<NativeError>,
    /// What it computes in; absent for what the registry has no word for.
    #[napi(ts_type = "'float32' | 'float16' | 'bfloat16' | 'int8-dynamic' | 'int8-weights' | 'nbits'")]
    pub numerics: Option<String>,
    /// Files that hold tensors of it: paths from its folder, as it gives them.
    pub data_files: Vec<String>,
}

impl From<OnnxDescription> for DescribeOutcome {
    fn from(description: OnnxDescription) -> Self {
        Self {
            error: None,
            numerics: description.numerics.map(|numerics| numerics.name().to_owned()),
            data_files: description.data_files,
        }
    }
}

/// Looks into the ONNX file at `path`; its weights are not read.
#[napi(ts_return_type = "Promise<DescribeOutcome>")]
pub fn describe_onnx(env: &Env, path: String) -> napi::Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    let task = Task::begin(*env);
    run_aside(move || {
        let result = caught(|| Ok(describe(path.as_ref())?));
        deferred.resolve(move |_| {
            Ok(result.map_or_else(
                |error| DescribeOutcome { error: Some(error), ..DescribeOutcome::default() },
                DescribeOutcome::from,
            ))
        });
        drop(task);
    });
    Ok(promise)
}
