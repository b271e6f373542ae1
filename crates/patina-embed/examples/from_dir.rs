//! Embeds texts with a model in a folder as sentence-transformers lays it out, and prints how many tokens each has and how near it is
//! to the first.
//!
//! ```text
//! cargo run --release --package patina-embed --example from_dir -- MODEL_FOLDER "first text" "second text" …
//! ```

use patina_embed::similarity::cosine;
use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ModelSpec, onnx};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: from_dir MODEL_FOLDER TEXT…")?;
    let texts: Vec<String> = arguments.collect();

    let onnx_library = onnx::find_library(&std::env::current_dir()?);
    let engine =
        Engine::open(ModelSpec::from_dir(folder)?, &EngineOptions { onnx_library, ..EngineOptions::default() })?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = engine.embed_batch(&texts, &EmbedOptions::default())?;
    for (row, text) in texts.iter().enumerate() {
        let (near, tokens) = (cosine(vectors.row(0), vectors.row(row)), vectors.reports()[row].tokens);
        println!("{near:.4}  {tokens} tokens  {text}");
    }
    Ok(())
}
