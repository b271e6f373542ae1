//! Finding and loading ONNX Runtime's shared library. It is loaded once a process and never unloaded: its own threads
//! and statics would outlive it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ort::environment::Environment;

use crate::error::{Error, ErrorKind, Result};

/// The library's name in the `onnxruntime-node` package, by operating system.
const FILE_NAME: &str = if cfg!(target_os = "windows") {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.1.dylib"
} else {
    "libonnxruntime.so.1"
};

static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// The library of the `onnxruntime-node` package in a `node_modules` folder at or above `start`.
#[must_use]
pub fn find_library(start: &Path) -> Option<PathBuf> {
    // The folder names are Node's `process.platform` and `process.arch`.
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let inside =
        Path::new("node_modules/onnxruntime-node/bin/napi-v6").join(platform).join(architecture).join(FILE_NAME);
    start.ancestors().map(|folder| folder.join(&inside)).find(|path| path.is_file())
}

/// The version of the library that this process has loaded, as it gives it (`1.30.0`).
#[must_use]
pub fn library_version() -> Option<String> {
    let loaded = LOADED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (path, _) = loaded.as_ref()?;
    // `ort` keeps its handle to itself; opening the same file again gives the same library.
    // SAFETY: the library is loaded, so none of its initialisers run; `OrtGetApiBase` has this signature in every
    // release, and the version is a static string that ends with NUL.
    unsafe {
        let library = libloading::Library::new(path).ok()?;
        let base = library.get::<unsafe extern "system" fn() -> *const ort::sys::OrtApiBase>(b"OrtGetApiBase").ok()?();
        let version = std::ffi::CStr::from_ptr(((*base).GetVersionString)());
        Some(version.to_string_lossy().into_owned())
    }
}

/// Loads the library, or takes the one that is loaded.
pub(super) fn environment(path: Option<&Path>) -> Result<Environment> {
    let mut loaded = LOADED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((loaded_path, environment)) = loaded.as_ref() {
        return match path {
            Some(path) if !same_file(path, loaded_path) => Err(Error::new(
                ErrorKind::RuntimeUnavailable,
                format!(
                    "this process has loaded ONNX Runtime from {}, and a second one from {} cannot be loaded beside it",
                    loaded_path.display(),
                    path.display()
                ),
            )
            .with_file(path)),
            _ => Ok(environment.clone()),
        };
    }
    let path = match path {
        Some(path) => path.to_path_buf(),
        None => std::env::current_dir().ok().and_then(|start| find_library(&start)).ok_or_else(|| {
            Error::new(
                ErrorKind::RuntimeUnavailable,
                "ONNX Runtime's shared library was not found: add the package `onnxruntime-node`, or give the \
                 library's path when the engine is opened",
            )
        })?,
    };
    let unavailable = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::RuntimeUnavailable, format!("ONNX Runtime at {} cannot be loaded", path.display()))
            .with_file(&path)
            .with_source(source)
    };
    // `ort` reports a missing file only after the dynamic loader has searched the system for another of that name.
    if !path.is_file() {
        return Err(unavailable("there is no such file".into()));
    }
    refuse_telemetry();
    let environment = ort::init_from(&path)
        .map_err(|source| unavailable(Box::new(source)))?
        .with_name("patina")
        .with_telemetry(false)
        .build()
        .map_err(|source| unavailable(Box::new(source)))?;
    *loaded = Some((path.clone(), environment.clone()));
    Ok(environment)
}

/// Keeps ONNX Runtime (from 1.29, outside Windows) from starting its telemetry, which writes a device's identity and a
/// database below the user's cache folder and a log into the temporary one, and uploads. Whatever a program's caller set:
/// nothing here reports to anybody. The switch of its API comes too late, because it needs what starts it.
///
/// Source: "Disabling telemetry" in `docs/Privacy.md` of ONNX Runtime.
fn refuse_telemetry() {
    const SWITCH: &str = "ORT_DISABLE_TELEMETRY";
    if std::env::var_os(SWITCH).is_some_and(|value| value == "1") {
        return;
    }
    // SAFETY: Rust's own functions on the environment are safe from each other. C code that reads it on another thread at
    // this moment is not safe from this; it happens once a process, before the library that reads it is loaded.
    unsafe { std::env::set_var(SWITCH, "1") };
}

fn same_file(left: &Path, right: &Path) -> bool {
    left == right || matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}
