//! Which runtime a model runs on: a pure function of the machine, the model's files and the wish, with its reasons.
//! Whether a model fits into the machine's memory is part of it, and decided nowhere else.

mod machine;
mod memory;
mod refusal;
#[cfg(test)]
mod tests;

pub use machine::MachineFacts;

use crate::error::Result;
use crate::options::RuntimeRequest;
use crate::spec::{FileRole, ModelSpec, Runtime};
use refusal::Refusal;

/// One set of a model's files, as far as the choice of a runtime looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The model's key; empty where a runtime is asked about and no model.
    pub model: String,
    /// The variant (`fp32`, `q4`); empty with the model.
    pub variant: String,
    /// What the files are for.
    pub runtime: Runtime,
    /// Bytes of the weights, external data included. `None`: not known, and then memory decides nothing.
    pub weights: Option<u64>,
}

impl Offer {
    /// The files of a spec, as large as they are on disk. What is missing there is told by whoever opens it.
    #[must_use]
    pub fn of_spec(spec: &ModelSpec) -> Self {
        let files = spec.files.iter().filter(|file| matches!(file.role, FileRole::Weights | FileRole::ExternalData));
        let weights = files.map(|file| file.path.metadata().ok().map(|metadata| metadata.len())).sum();
        Self { model: spec.key.clone(), variant: spec.variant.clone(), runtime: spec.runtime, weights }
    }
}

/// A set of files that is too large for the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    /// The variant.
    pub variant: String,
    /// What it is for.
    pub runtime: Runtime,
    /// What it needs and what there is, for people.
    pub reason: String,
}

/// A choice and why it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeDecision {
    /// The runtime to use.
    pub runtime: Runtime,
    /// Why, in the order in which it was decided, for people.
    pub reasons: Vec<String>,
    /// The sets of files for that runtime that must not be taken: they do not fit into memory.
    pub too_large: Vec<TooLarge>,
}

/// Chooses among the runtimes that a model has files for. `offers` are the sets of files that may be taken, `others`
/// what else there is, of this model or of others: an error names what of it would fit.
///
/// # Errors
/// [`crate::ErrorKind::RuntimeUnavailable`] with the reason, the numbers and the way out, where none can be had, or not
/// the one asked for.
pub fn choose_runtime(
    facts: &MachineFacts,
    offers: &[Offer],
    others: &[Offer],
    request: RuntimeRequest,
) -> Result<RuntimeDecision> {
    let mut reasons = Vec::new();
    if facts.nvidia {
        reasons.push("an NVIDIA GPU is here, which no runtime of this build uses".to_owned());
    }
    let mut refused = Vec::new();
    for runtime in candidates(request) {
        match judge(facts, offers, runtime, request) {
            Ok(mut decision) => {
                reasons.append(&mut decision.reasons);
                return Ok(RuntimeDecision { reasons, ..decision });
            }
            Err(refusal) => {
                reasons.push(format!("not {}: {}", runtime.name(), refusal.reason()));
                refused.push(refusal);
            }
        }
    }
    Err(refusal::error(facts, (offers, others), request, &reasons, &refused))
}

fn candidates(request: RuntimeRequest) -> Vec<Runtime> {
    match request {
        RuntimeRequest::Auto => vec![Runtime::Mlx, Runtime::Onnx],
        RuntimeRequest::Only(runtime) => vec![runtime],
    }
}

fn judge(
    facts: &MachineFacts,
    offers: &[Offer],
    runtime: Runtime,
    request: RuntimeRequest,
) -> std::result::Result<RuntimeDecision, Refusal> {
    let fitting: Vec<&Offer> = offers.iter().filter(|offer| offer.runtime == runtime).collect();
    if let Some(reason) = facts.why_not(runtime, request == RuntimeRequest::Auto) {
        return Err(Refusal::Machine(reason));
    }
    if fitting.is_empty() {
        return Err(Refusal::NoFiles(offers.iter().map(|offer| offer.runtime).collect()));
    }
    let too_large: Vec<TooLarge> = fitting.iter().filter_map(|offer| too_large(facts, offer)).collect();
    if too_large.len() == fitting.len() {
        return Err(Refusal::Memory(too_large));
    }
    let why = match request {
        RuntimeRequest::Auto => "the model has files for it and this build runs it",
        RuntimeRequest::Only(_) => "it was asked for, and this build runs it",
    };
    let mut reasons = vec![format!("{}: {why}", runtime.name())];
    reasons.extend(fitting.iter().filter_map(|offer| memory::said(facts, offer)));
    Ok(RuntimeDecision { runtime, reasons, too_large })
}

fn too_large(facts: &MachineFacts, offer: &Offer) -> Option<TooLarge> {
    let reason = memory::shortfall(facts, offer)?;
    Some(TooLarge { variant: offer.variant.clone(), runtime: offer.runtime, reason })
}
