//! Folders give MLX the model that the goldens describe: one file or shards, with modules or with the caller's word.
#![cfg(feature = "mlx")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{EmbeddingEngine, Engine, ModelFolder, Runtime};
use support::{distance, fixtures, golden, open, options};

#[test]
fn every_family_gives_the_vectors_of_its_goldens() {
    for model in ["bert-mean", "bert-cls", "xlmr-mean", "bert-mlx4", "qwen3-float32", "qwen3-mlx-mixed"] {
        let expected = golden(model, "golden.json");
        let mut folder = ModelFolder::new(fixtures().join(model));
        // Beside the graph the safetensors are asked for; alone they need no asking.
        folder = match expected.runtime {
            Some(Runtime::Mlx) => folder.pooling(expected.pooling).normalize(expected.normalize),
            _ => folder.runtime(Runtime::Mlx),
        };
        let spec = folder.max_tokens(expected.max_tokens).read().unwrap();
        assert_eq!(spec.runtime, Runtime::Mlx, "{model}");
        let (found, expected) = (Engine::open(spec, &options()).unwrap(), open(model));
        let text = "the river keeps its name";
        let apart = distance(&found.embed(text).unwrap(), &expected.embed(text).unwrap());
        assert!(apart == 0.0, "{model}: {apart}");
    }
}
