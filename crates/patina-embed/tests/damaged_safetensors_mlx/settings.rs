//! `config.json`: safetensors say nothing of how to compute, so what it says is all there is.

use patina_embed::{EmbedOptions, EmbeddingEngine, ErrorKind, FileRole};
use serde_json::{Value, json};

use super::{Damaged, refused_config};

const BERT: &str = "bert-mean";
const QWEN3: &str = "qwen3-mlx-mixed";

fn with(model: &str, key: &str, value: &Value, kind: ErrorKind, message: &str) {
    refused_config(model, |config| config[key] = value.clone(), kind, message);
}

fn contradicts(model: &str, key: &str, value: &Value, what: &str) {
    let message = format!("FILE is no model configuration that MLX can be driven by: {what}");
    with(model, key, value, ErrorKind::Integrity, &message);
}

#[test]
fn counts_that_no_model_has_are_refused() {
    for (model, key) in [
        (BERT, "hidden_size"),
        (BERT, "num_attention_heads"),
        (BERT, "intermediate_size"),
        (BERT, "vocab_size"),
        (BERT, "type_vocab_size"),
        (BERT, "num_hidden_layers"),
        (QWEN3, "hidden_size"),
        (QWEN3, "num_attention_heads"),
        (QWEN3, "num_key_value_heads"),
        (QWEN3, "head_dim"),
        (QWEN3, "intermediate_size"),
        (QWEN3, "vocab_size"),
    ] {
        contradicts(model, key, &json!(0), &format!("{key} is 0"));
    }
    for layers in [4097, 1 << 24] {
        contradicts(BERT, "num_hidden_layers", &json!(layers), &format!("num_hidden_layers is {layers}"));
    }
    let unreadable = |key: &str, value: Value, why: &str| {
        let message = format!("FILE is no model configuration that can be read: {why}");
        with(BERT, key, &value, ErrorKind::Integrity, &message);
    };
    unreadable("num_hidden_layers", json!(u64::MAX), &format!("num_hidden_layers is {}", u64::MAX));
    unreadable("hidden_size", json!((1 << 24) + 1), "hidden_size is 16777217");
}

#[test]
fn sizes_that_are_not_the_tensors_name_the_tensor() {
    for (key, value, what) in [
        (
            "hidden_size",
            64_u64,
            "embeddings.token_type_embeddings.weight has shape [2, 32]; config.json makes it [2, 64]",
        ),
        (
            "type_vocab_size",
            1,
            "embeddings.token_type_embeddings.weight has shape [2, 32]; config.json makes it [1, 32]",
        ),
        ("vocab_size", 440, "embeddings.word_embeddings.weight has shape [439, 32]; config.json makes it [440, 32]"),
        (
            "vocab_size",
            u64::MAX,
            "embeddings.word_embeddings.weight has shape [439, 32]; config.json makes it [18446744073709551615, 32]",
        ),
        (
            "max_position_embeddings",
            129,
            "embeddings.position_embeddings.weight has shape [128, 32]; config.json makes it [129, 32]",
        ),
        (
            "intermediate_size",
            1 << 24,
            "encoder.layer.0.intermediate.dense.bias has shape [64]; config.json makes it [16777216]",
        ),
        (
            "num_hidden_layers",
            4096,
            "encoder.layer.3.attention.self.query.bias is missing, which this architecture needs",
        ),
        ("num_hidden_layers", 2, "encoder.layer.2.attention.output.LayerNorm.bias is not known to this architecture"),
    ] {
        with(BERT, key, &json!(value), ErrorKind::Integrity, &format!("FILE: tensor {what}"));
    }
}

#[test]
fn heads_that_do_not_fit_are_refused() {
    contradicts(BERT, "num_attention_heads", &json!(5), "5 heads do not divide hidden_size 32");
    let heads = |queries, keys, width| {
        format!("num_attention_heads is {queries}, num_key_value_heads {keys}, head_dim {width}")
    };
    contradicts(QWEN3, "num_key_value_heads", &json!(3), &heads(4, 3, 32));
    contradicts(QWEN3, "num_key_value_heads", &json!(8), &heads(4, 8, 32));
    contradicts(QWEN3, "head_dim", &json!(31), &heads(4, 2, 31));
    with(
        QWEN3,
        "num_attention_heads",
        &json!(1 << 23),
        ErrorKind::Integrity,
        "FILE: tensor model.layers.0.self_attn.q_proj.weight has shape [128, 8]; config.json makes it [268435456, 8]",
    );
}

#[test]
fn numbers_that_nothing_can_be_computed_with_are_refused() {
    for (value, said) in [(json!(-1.0), "-1"), (json!(1e39), "inf")] {
        contradicts(BERT, "layer_norm_eps", &value, &format!("layer_norm_eps is {said} in float32"));
        contradicts(QWEN3, "rms_norm_eps", &value, &format!("rms_norm_eps is {said} in float32"));
    }
    for (value, said) in [(json!(-1e6), "Some(-1000000.0)"), (json!(0), "Some(0.0)"), (json!(1e39), "Some(inf)")] {
        contradicts(QWEN3, "rope_theta", &value, &format!("rope_theta is {said}"));
    }
    contradicts(QWEN3, "rope_theta", &Value::Null, "rope_theta is None");
    contradicts(QWEN3, "rope_parameters", &json!({"rope_theta": 1e4}), "rope_theta is 1000000 and 10000");
    contradicts(QWEN3, "rope_theta", &json!("1e6"), "invalid type: string \"1e6\", expected f32");
    // JSON has no such number, Python writes it.
    let mut damaged = Damaged::new(QWEN3);
    let text = damaged.config().to_string();
    for number in ["NaN", "Infinity", "1e999"] {
        let changed = text.replace("\"rope_theta\":1000000", &format!("\"rope_theta\":{number}"));
        assert_ne!(changed, text);
        let path = damaged.put(FileRole::Config, changed.as_bytes());
        let error = damaged.open().err().unwrap();
        assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(path.as_path())), "{error}");
    }
}

#[test]
fn settings_that_would_be_computed_wrongly_are_refused() {
    for (model, key, value, what) in [
        (BERT, "hidden_act", json!("relu"), "hidden_act is \"relu\"; BERT is computed with gelu"),
        (BERT, "hidden_act", json!("gelu_new"), "hidden_act is \"gelu_new\"; BERT is computed with gelu"),
        (
            BERT,
            "position_embedding_type",
            json!("relative_key"),
            "position_embedding_type is \"relative_key\", not absolute",
        ),
        (QWEN3, "hidden_act", json!("gelu"), "hidden_act is \"gelu\"; Qwen3 is computed with silu"),
        (
            QWEN3,
            "rope_scaling",
            json!({"rope_type": "yarn", "factor": 4.0}),
            "rope_scaling is set; positions are computed without scaling",
        ),
        (
            QWEN3,
            "rope_parameters",
            json!({"rope_type": "yarn", "rope_theta": 1e6}),
            "rope_type is \"yarn\"; positions are computed as \"default\"",
        ),
        (QWEN3, "use_sliding_window", json!(true), "use_sliding_window is true; every token attends to all before it"),
        (QWEN3, "is_causal", json!(false), "is_causal is false; every token attends to none after it"),
        (BERT, "is_decoder", json!(true), "is_decoder is true; every token attends to all others"),
    ] {
        with(model, key, &value, ErrorKind::Unsupported, &format!("FILE: {what}"));
    }
    // What config.json says has to be there.
    with(
        QWEN3,
        "attention_bias",
        &json!(true),
        ErrorKind::Integrity,
        "FILE: tensor layers.0.self_attn.q_proj.bias is missing, which this architecture needs",
    );
}

#[test]
fn a_table_of_positions_shorter_than_the_texts_is_refused() {
    let mut damaged = Damaged::new(BERT);
    let most = damaged.spec.max_tokens - 1;
    let mut tensors = damaged.tensors();
    let table = tensors.tensor("embeddings.position_embeddings.weight");
    table.shape[0] = most as u64;
    table.numbers.truncate(most * 32 * 4);
    damaged.put(FileRole::Weights, &tensors.write());
    damaged.refused(
        ErrorKind::Integrity,
        &format!(
            "FILE: tensor embeddings.position_embeddings.weight has shape [{most}, 32]; config.json makes it [128, 32]"
        ),
    );
    let mut config = damaged.config();
    config["max_position_embeddings"] = most.into();
    damaged.put(FileRole::Config, config.to_string().as_bytes());
    damaged.refused(
        ErrorKind::SpecInvalid,
        &format!(
            "model {BERT}: max_tokens is {}, and its config.json has positions for {most}; lower max_tokens",
            most + 1
        ),
    );
}

/// MLX reads beside the table where an index lies outside.
#[test]
fn a_token_that_the_table_has_no_vector_for_is_named() {
    let mut damaged = Damaged::new(BERT);
    let tokenizer = std::fs::read(damaged.spec.file(FileRole::Tokenizer).unwrap()).unwrap();
    let tokenizer: Value = serde_json::from_slice(&tokenizer).unwrap();
    let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
    let is_word = |word: &str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let words = vocabulary.iter().filter(|(word, _)| is_word(word));
    let (word, id) = words.map(|(word, id)| (word, id.as_u64().unwrap())).max_by_key(|(_, id)| *id).unwrap();
    let mut tensors = damaged.tensors();
    let table = tensors.tensor("embeddings.word_embeddings.weight");
    table.shape[0] = id;
    table.numbers.truncate(id as usize * 32 * 4);
    damaged.put(FileRole::Weights, &tensors.write());
    let mut config = damaged.config();
    config["vocab_size"] = id.into();
    damaged.put(FileRole::Config, config.to_string().as_bytes());
    let engine = damaged.open().unwrap();
    let embed = |texts: &[&str]| engine.embed_batch(texts, &EmbedOptions::default());
    let error = embed(&[word]).unwrap_err();
    let message =
        format!("the tokenizer gives a token the id {id}, and the model has {id}; they do not belong together");
    assert_eq!((error.kind(), error.index(), error.message()), (ErrorKind::Integrity, Some(0), message.as_str()));
    assert_eq!(embed(&["a", "q", word]).unwrap_err().message(), message);
    // The engine goes on.
    assert_eq!(embed(&["a", "q"]).unwrap().rows(), 2);
}
