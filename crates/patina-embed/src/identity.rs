//! The identity of an encoder: equal ids mean vectors that may lie in one index.

use serde_json::json;

use crate::digest::sha256_hex;
use crate::options::{Batching, EngineOptions, SpecialTokens};
use crate::spec::{FileRole, ModelSpec};

/// Raised when the list of what enters the identity changes, so that ids of two versions never meet.
const VERSION: u32 = 1;

/// SHA-256, in hexadecimal, over canonical JSON (keys sorted, no spaces) of all that decides a full vector: digests of
/// weights, tokenizer and configuration, variant, runtime, pooling, normalisation, token limit, and how special tokens
/// and batches are treated. The model's key and where its files came from do not enter: renaming a model changes no
/// vector.
#[must_use]
pub fn encoder_id(spec: &ModelSpec, options: &EngineOptions) -> String {
    let digests = |role: FileRole| {
        let mut digests: Vec<&str> =
            spec.files.iter().filter(|file| file.role == role).map(|file| file.sha256.as_str()).collect();
        digests.sort_unstable();
        digests
    };
    // serde_json's map is a BTreeMap here: its keys come out sorted.
    let description = json!({
        "version": VERSION,
        "weights": digests(FileRole::Weights),
        "externalData": digests(FileRole::ExternalData),
        "tokenizer": digests(FileRole::Tokenizer),
        "config": digests(FileRole::Config),
        "architecture": spec.architecture,
        "variant": spec.variant,
        "runtime": spec.runtime,
        "pooling": spec.pooling,
        "normalize": spec.normalize,
        "maxTokens": spec.max_tokens,
        "specialTokens": match options.special_tokens {
            SpecialTokens::Follow => "follow",
            SpecialTokens::Neutralize => "neutralize",
        },
        "batching": match options.batching {
            Batching::Auto | Batching::Exact => "exact",
            Batching::Batched => "batched",
        },
    });
    sha256_hex(description.to_string().as_bytes())
}
