//! What a model needs of a machine's memory, and what the machine has to give.

use super::{MachineFacts, Offer};
use crate::spec::Runtime;

/// Bytes that an engine takes beside its weights, however small the model: process, libraries, tokenizer. Measured
/// (`benchmarks/RESULTS.md`, peak less weights): 140 to 160 MB with a BERT vocabulary of 30,000; a Qwen3 vocabulary has
/// five times as many pieces, and MLX brings Metal's kernels.
const BASE: u64 = 500_000_000;

/// A batch's activations and what the allocator keeps of them, as a part of the weights: both grow with the width of a
/// layer. Of Qwen3-0.6B in float32 a run of 1,024 tokens took 420 MB, a sixth (`engine/run_memory.rs`). A text that is far
/// longer is weighed against what is free when it comes.
const WORKING_PART: u64 = 4;

/// The GPU of an Apple Silicon Mac holds as much of the memory as Metal's `recommendedMaxWorkingSetSize` says: two
/// thirds up to 32 GiB (5,461 MiB of 8, 21,845 of 32), three quarters above (49,152 of 64, 73,728 of 96), as the logs of
/// Metal programs print it (ggml-org/llama.cpp issues 1870 and 3213, ollama/ollama issue 434). Newer systems give a
/// little more, so this errs on the careful side; `iogpu.wired_limit_mb` overrides it.
const SMALL_MAC: u64 = 32 << 30;

/// Bytes that a model with these weights needs while it works.
fn need(weights: u64) -> u64 {
    weights.saturating_add(weights / WORKING_PART).saturating_add(BASE)
}

/// Bytes that a runtime may take here.
fn capacity(facts: &MachineFacts, runtime: Runtime) -> Option<u64> {
    let memory = facts.memory?;
    if runtime == Runtime::Onnx || !facts.apple_silicon() {
        return Some(memory);
    }
    let share = if memory <= SMALL_MAC { memory / 3 * 2 } else { memory / 4 * 3 };
    Some(facts.gpu_limit.unwrap_or(share).min(memory))
}

/// What an offer needs, where that is known and is too much.
pub(super) fn shortfall(facts: &MachineFacts, offer: &Offer) -> Option<String> {
    let weights = offer.weights?;
    let (need, capacity) = (need(weights), capacity(facts, offer.runtime)?);
    (need > capacity).then(|| {
        format!(
            "it needs about {} ({} of weights, {} to work in), and {} has {}",
            size(need),
            size(weights),
            size(need - weights),
            owner(facts, offer.runtime),
            size(capacity)
        )
    })
}

/// What an offer needs, where it may be had here: the numbers, or that they are not known.
pub(super) fn said(facts: &MachineFacts, offer: &Offer) -> Option<String> {
    if offer.model.is_empty() {
        return None;
    }
    if let Some(reason) = shortfall(facts, offer) {
        return Some(format!("not {}: {reason}", offer.variant));
    }
    let Some(weights) = offer.weights else {
        return Some(format!("{}: how much memory it needs is not known before its files are here", offer.variant));
    };
    let Some(capacity) = capacity(facts, offer.runtime) else {
        return Some(format!("{}: this system does not tell how much memory it has", offer.variant));
    };
    let owner = owner(facts, offer.runtime);
    Some(format!("{} needs about {}, and {owner} has {}", offer.variant, size(need(weights)), size(capacity)))
}

/// `need` of an offer that fits, for comparing; nothing where it does not fit or is not known.
pub(super) fn fits(facts: &MachineFacts, offer: &Offer) -> Option<u64> {
    let need = need(offer.weights?);
    (need <= capacity(facts, offer.runtime)?).then_some(need)
}

fn owner(facts: &MachineFacts, runtime: Runtime) -> &'static str {
    if runtime == Runtime::Mlx && facts.apple_silicon() { "the GPU of this machine" } else { "this machine" }
}

/// Bytes in units of 1,000, as the command prints them.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1_000_000_000 {
        return format!("{} MB", bytes.div_ceil(1_000_000));
    }
    format!("{:.1} GB", bytes as f64 / 1e9)
}
