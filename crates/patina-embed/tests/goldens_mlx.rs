//! What MLX computes against the reference implementations, text by text, element by element.
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use support::goldens::check;
use support::{MODELS, golden};

/// Float32 on either side.
const FLOAT32: f32 = 2e-5;
/// Weights and activations in bfloat16, which has eight bits.
const BFLOAT16: f32 = 0.05;

#[test]
fn float32_vectors_equal_the_reference() {
    for &model in MODELS {
        assert!(check(model, &golden(model, "golden.json"), FLOAT32, 0.99999) > 14, "{model} has goldens");
    }
}

/// Names without a prefix, weights and arithmetic in bfloat16.
#[test]
fn bfloat16_vectors_are_as_near_as_bfloat16_is() {
    assert!(check("qwen3-plain", &golden("qwen3-plain", "golden.json"), BFLOAT16, 0.99) > 40);
}
