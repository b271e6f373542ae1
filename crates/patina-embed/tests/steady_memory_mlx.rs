//! What MLX holds while texts come, batch after batch, and once engines are gone. Alone in its process, whose memory it
//! measures.
#![cfg(all(target_os = "linux", feature = "mlx"))]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use mlx_rs::memory::{active_memory, cache_memory, peak_memory, reset_peak_memory};
use patina_embed::{EmbedOptions, EmbeddingEngine, Engine};
use support::{open, resident, texts};

/// A pass embeds so many texts of 15 to 45 tokens.
const TEXTS: usize = 500;
const PASSES: usize = 10;

fn pass(engine: &Engine) {
    let words = texts()["sentence"].clone();
    let texts: Vec<String> = (0..TEXTS).map(|index| words.repeat(1 + index * 7 % 3)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = engine.embed_batch(&texts, &EmbedOptions::default()).unwrap();
    assert_eq!(vectors.rows(), TEXTS);
}

fn grew_little(what: &str, before: u64, after: u64) {
    println!("{what}: {before} bytes after two passes, {after} after {PASSES}");
    assert!(after as f64 <= before as f64 * 1.05, "{what} grew from {before} to {after} bytes");
}

#[test]
fn memory_is_flat_over_batches_and_free_without_engines() {
    for model in ["bert-mean", "qwen3-float32"] {
        let empty = active_memory().unwrap();
        let engine = open(model);
        let loaded = active_memory().unwrap();
        reset_peak_memory().unwrap();
        // Which batches are on their way together is chance, so the first pass need not have the peak.
        pass(&engine);
        pass(&engine);
        let first = (peak_memory().unwrap(), resident());
        for _ in 2..PASSES {
            pass(&engine);
            // Nothing but the weights stays.
            assert_eq!((active_memory().unwrap(), cache_memory().unwrap()), (loaded, 0));
        }
        grew_little(&format!("MLX's peak with {model}"), first.0 as u64, peak_memory().unwrap() as u64);
        grew_little(&format!("what is resident with {model}"), first.1, resident());
        drop(engine);
        assert_eq!(active_memory().unwrap(), empty, "{model} is closed");
    }
}
