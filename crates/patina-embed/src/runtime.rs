//! Which runtime a model runs on: a pure function of the machine, the model and the wish, with its reasons.

use crate::error::{Error, ErrorKind, Result};
use crate::options::RuntimeRequest;
use crate::spec::Runtime;

/// What the choice depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineFacts {
    /// macOS on an ARM processor.
    pub apple_silicon: bool,
    /// This build has the MLX engine.
    pub mlx_built: bool,
    /// This build has the ONNX engine.
    pub onnx_built: bool,
}

impl MachineFacts {
    /// The facts of the machine and the build this code runs in.
    #[must_use]
    pub fn current() -> Self {
        Self {
            apple_silicon: cfg!(all(target_os = "macos", target_arch = "aarch64")),
            mlx_built: false,
            onnx_built: cfg!(feature = "onnx"),
        }
    }

    fn why_not(self, runtime: Runtime) -> Option<&'static str> {
        match runtime {
            Runtime::Onnx if !self.onnx_built => Some("this build has no ONNX engine"),
            Runtime::Mlx if !self.mlx_built => Some("this build has no MLX engine"),
            Runtime::Onnx | Runtime::Mlx => None,
        }
    }
}

/// A choice and why it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeDecision {
    /// The runtime to use.
    pub runtime: Runtime,
    /// Why, in the order in which it was decided, for people.
    pub reasons: Vec<String>,
}

/// Chooses among the runtimes that a model has files for.
///
/// # Errors
/// [`ErrorKind::RuntimeUnavailable`] with the reason and the way out, where none can be had, or not the one asked for.
pub fn choose_runtime(facts: MachineFacts, offered: &[Runtime], request: RuntimeRequest) -> Result<RuntimeDecision> {
    let mut reasons = Vec::new();
    if let RuntimeRequest::Only(runtime) = request {
        let name = runtime.name();
        let problem = if offered.contains(&runtime) {
            facts.why_not(runtime).map(str::to_owned)
        } else {
            Some(format!("the model has no files for it, only for {}", names(offered)))
        };
        return match problem {
            None => Ok(RuntimeDecision { runtime, reasons: vec![format!("{name} was asked for")] }),
            Some(problem) => Err(unavailable(&format!("runtime {name} was asked for and cannot be had: {problem}"))),
        };
    }
    for runtime in [Runtime::Mlx, Runtime::Onnx] {
        let name = runtime.name();
        if runtime == Runtime::Mlx && !facts.apple_silicon {
            reasons.push("not mlx: automatic choice takes it on Apple Silicon only".to_owned());
        } else if !offered.contains(&runtime) {
            reasons.push(format!("not {name}: the model has no files for it"));
        } else if let Some(problem) = facts.why_not(runtime) {
            reasons.push(format!("not {name}: {problem}"));
        } else {
            reasons.push(format!("{name}: the model has files for it and this build runs it"));
            return Ok(RuntimeDecision { runtime, reasons });
        }
    }
    Err(unavailable(&format!("no runtime can be had for this model ({})", reasons.join("; "))))
}

fn names(runtimes: &[Runtime]) -> String {
    runtimes.iter().map(|runtime| runtime.name()).collect::<Vec<_>>().join(", ")
}

fn unavailable(what: &str) -> Error {
    Error::new(
        ErrorKind::RuntimeUnavailable,
        format!("{what}; `patina doctor` shows this machine, `patina model list` the models and their runtimes"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const LINUX: MachineFacts = MachineFacts { apple_silicon: false, mlx_built: false, onnx_built: true };
    const MAC: MachineFacts = MachineFacts { apple_silicon: true, mlx_built: true, onnx_built: true };
    const BOTH: [Runtime; 2] = [Runtime::Onnx, Runtime::Mlx];

    #[test]
    fn automatic_choice_takes_mlx_on_apple_silicon_only() {
        let choose = |facts| choose_runtime(facts, &BOTH, RuntimeRequest::Auto).unwrap().runtime;
        assert_eq!(choose(MAC), Runtime::Mlx);
        assert_eq!(choose(LINUX), Runtime::Onnx);
        assert_eq!(choose(MachineFacts { mlx_built: true, ..LINUX }), Runtime::Onnx);
        assert_eq!(choose(MachineFacts { mlx_built: false, ..MAC }), Runtime::Onnx);
    }

    #[test]
    fn automatic_choice_follows_the_files_of_the_model() {
        let decision = choose_runtime(MAC, &[Runtime::Onnx], RuntimeRequest::Auto).unwrap();
        assert_eq!(decision.runtime, Runtime::Onnx);
        assert!(decision.reasons[0].contains("no files"), "{:?}", decision.reasons);
        let error = choose_runtime(LINUX, &[Runtime::Mlx], RuntimeRequest::Auto).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RuntimeUnavailable);
    }

    #[test]
    fn an_explicit_wish_is_met_or_refused_with_the_reason() {
        let only = |facts, offered: &[Runtime], runtime| choose_runtime(facts, offered, RuntimeRequest::Only(runtime));
        assert_eq!(only(MAC, &BOTH, Runtime::Onnx).unwrap().runtime, Runtime::Onnx);
        let error = only(LINUX, &BOTH, Runtime::Mlx).unwrap_err();
        assert!(error.message().contains("no MLX engine"), "{error}");
        let error = only(MAC, &[Runtime::Onnx], Runtime::Mlx).unwrap_err();
        assert!(error.message().contains("only for onnx"), "{error}");
    }
}
