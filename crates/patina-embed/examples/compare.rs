//! Embeds sentences and prints how near each is to the first.
//!
//! ```text
//! cargo run --release --example compare -- MODEL_FOLDER "first sentence" "second sentence" …
//! ```
//! `MODEL_FOLDER` holds `onnx/model.onnx` and `tokenizer.json` of a BERT-family model with mean pooling, such as
//! all-MiniLM-L6-v2.

use std::path::{Path, PathBuf};

use patina_embed::similarity::cosine;
use patina_embed::{
    Architecture, EmbedOptions, EmbeddingEngine, Engine, EngineOptions, FileRole, ModelFile, ModelSpec, Pooling,
    Runtime,
};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: compare MODEL_FOLDER SENTENCE SENTENCE…")?);
    let sentences: Vec<String> = arguments.collect();

    let spec = ModelSpec {
        key: "example".into(),
        name: "example".into(),
        architecture: Architecture::Bert,
        dimension: 384,
        min_dimension: None,
        max_tokens: 256,
        pooling: Pooling::Mean,
        normalize: true,
        query_template: None,
        passage_template: None,
        default_task: None,
        variant: "fp32".into(),
        runtime: Runtime::Onnx,
        files: vec![
            file(FileRole::Weights, &folder.join("onnx/model.onnx"))?,
            file(FileRole::Tokenizer, &folder.join("tokenizer.json"))?,
        ],
    };
    let engine = Engine::open(spec, &EngineOptions::default())?;

    let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let vectors = engine.embed_batch(&texts, &EmbedOptions::default())?;
    for (row, sentence) in sentences.iter().enumerate() {
        println!("{:.4}  {sentence}", cosine(vectors.row(0), vectors.row(row)));
    }
    Ok(())
}

fn file(role: FileRole, path: &Path) -> Result<ModelFile, std::io::Error> {
    let digest = Sha256::digest(std::fs::read(path)?);
    let sha256 = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    Ok(ModelFile { role, path: path.to_path_buf(), sha256 })
}
