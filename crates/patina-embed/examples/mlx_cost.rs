//! What a model on MLX costs: opens it, embeds the text on standard input, and prints as JSON how long both took and how
//! much memory MLX held. How much the process took is its parent's to say.
//!
//! ```text
//! cargo run --release --package patina-embed --features mlx --example mlx_cost -- SPEC_JSON < TEXT
//! ```
//! `SPEC_JSON` is a file with a `ModelSpec`, as the example `from_registry` prints it.

use std::io::read_to_string;
use std::time::Instant;

use mlx_rs::memory::{active_memory, peak_memory, reset_peak_memory};
use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ModelSpec};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: mlx_cost SPEC_JSON < TEXT")?;
    let spec: ModelSpec = serde_json::from_slice(&std::fs::read(path)?)?;
    let text = read_to_string(std::io::stdin())?;

    let begin = Instant::now();
    let engine = Engine::open(spec, &EngineOptions::default())?;
    let open_seconds = begin.elapsed().as_secs_f64();
    let (open_peak_bytes, weight_bytes) = (peak_memory()?, active_memory()?);

    reset_peak_memory()?;
    let begin = Instant::now();
    let vectors = engine.embed_batch(&[&text], &EmbedOptions::default())?;
    let text_seconds = begin.elapsed().as_secs_f64();
    let vector = vectors.row(0);
    let length = vector.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
    let cost = serde_json::json!({
        "openSeconds": open_seconds,
        "openPeakBytes": open_peak_bytes,
        "weightBytes": weight_bytes,
        "textSeconds": text_seconds,
        "textPeakBytes": peak_memory()?,
        "tokens": vectors.reports()[0].tokens,
        "dimension": vector.len(),
        "finite": vector.iter().all(|number| number.is_finite()),
        "length": length,
    });
    println!("{cost}");
    Ok(())
}
