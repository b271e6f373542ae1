//! Numbers that are none never leave the engine, and the error says which text of a batch gave them.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, ErrorKind, FileRole};
use serde::Deserialize;
use support::{Scratch, fixtures, golden, options, replace, spec};

const MODEL: &str = "bert-mean";

/// Where the vector of `word` lies in the model's file; the safetensors file, whose header says where its tensors are, is
/// the witness of the table's first bytes.
fn row_of(word: &str, model: &[u8], width: usize) -> usize {
    #[derive(Deserialize)]
    struct Tensor {
        data_offsets: (usize, usize),
    }
    let witness = std::fs::read(fixtures().join(MODEL).join("model.safetensors")).unwrap();
    let length = u64::from_le_bytes(witness[..8].try_into().unwrap()) as usize;
    let mut header: serde_json::Value = serde_json::from_slice(&witness[8..8 + length]).unwrap();
    let entry = header["embeddings.word_embeddings.weight"].take();
    let table = 8 + length + serde_json::from_value::<Tensor>(entry).unwrap().data_offsets.0;
    let start = &witness[table..table + 64];
    let at = (0..model.len()).find(|&at| model[at..].starts_with(start)).unwrap();
    let tokenizer = std::fs::read(fixtures().join(MODEL).join("tokenizer.json")).unwrap();
    let tokenizer: serde_json::Value = serde_json::from_slice(&tokenizer).unwrap();
    at + tokenizer["model"]["vocab"][word].as_u64().unwrap() as usize * width
}

#[test]
fn a_text_whose_vector_is_no_vector_is_named_within_its_batch() {
    let scratch = Scratch::new("non-finite");
    let mut spec = spec(MODEL, &golden(MODEL, "golden.json"));
    let file = spec.file(FileRole::Weights).unwrap().to_path_buf();
    let whole = std::fs::read(&file).unwrap();
    let width = spec.dimension * size_of::<f32>();
    let row = row_of("river", &whole, width);
    for (name, number) in [("nan", f32::NAN), ("infinity", f32::INFINITY)] {
        let mut model = whole.clone();
        model[row..row + width].copy_from_slice(&number.to_le_bytes().repeat(spec.dimension));
        let path = scratch.path().join(name).with_extension(file.extension().unwrap());
        std::fs::write(&path, model).unwrap();
        replace(&mut spec, FileRole::Weights, &path);
        let engine = Engine::open(spec.clone(), &options()).unwrap();
        let embed = |texts: &[&str]| engine.embed_batch(texts, &EmbedOptions::default());
        let error = embed(&["a", "water is new", "the river", "every day", "q"]).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::NonFinite, Some(2)), "{name}: {error}");
        // The others share the table, not the row.
        assert_eq!(embed(&["a", "water is new", "every day", "q"]).unwrap().rows(), 4);
    }
}
