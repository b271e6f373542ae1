//! Folders as sentence-transformers lays them out give the model that the goldens describe, or say what they leave open.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use patina_embed::{EmbeddingEngine, Engine, Error, ErrorKind, ModelFolder, ModelSpec, Pooling};
use support::{Scratch, distance, fixtures, golden, open, options};

/// A copy of a fixture's folder, to take something away from.
fn copy(model: &str, scratch: &Scratch) {
    let from = fixtures().join(model);
    for path in [
        "config.json",
        "tokenizer.json",
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "onnx/model.onnx",
    ] {
        let to = scratch.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from.join(path), to).unwrap();
    }
}

fn refusal(folder: &Path) -> Error {
    ModelSpec::from_dir(folder).err().unwrap()
}

#[test]
fn every_family_gives_the_vectors_of_its_goldens() {
    for model in ["bert-mean", "bert-cls", "bert-baked", "bert-prompts", "nomic-mean", "qwen3-plain", "xlmr-mean"] {
        let spec = ModelSpec::from_dir(fixtures().join(model)).unwrap();
        let expected = golden(model, "golden.json");
        assert_eq!(
            (spec.architecture, spec.dimension, spec.max_tokens, spec.pooling, spec.normalize),
            (expected.architecture, expected.dimension, expected.max_tokens, expected.pooling, expected.normalize),
            "{model}"
        );
        assert_eq!(spec.passage_template, expected.passage_template, "{model}");
        let (found, expected) = (Engine::open(spec, &options()).unwrap(), open(model));
        for embed in [Engine::embed, Engine::embed_query, Engine::embed_passage] {
            let text = "the river keeps its name";
            let apart = distance(&embed(&found, text).unwrap(), &embed(&expected, text).unwrap());
            assert!(apart == 0.0, "{model}: {apart}");
        }
    }
}

#[test]
fn what_a_folder_leaves_open_names_the_call_that_supplies_it() {
    type Supply = fn(ModelFolder) -> ModelFolder;
    let scratch = Scratch::new("folder-open");
    copy("bert-mean", &scratch);
    let mut folder = ModelFolder::new(scratch.path());
    let whole = folder.read().unwrap();
    let steps: [(&str, &str, Supply); 3] = [
        ("1_Pooling/config.json", "ModelFolder::pooling", |folder| folder.pooling(Pooling::Mean)),
        ("modules.json", "ModelFolder::normalize", |folder| folder.normalize(true)),
        ("sentence_bert_config.json", "ModelFolder::max_tokens", |folder| folder.max_tokens(128)),
    ];
    for (file, call, supply) in steps {
        fs::remove_file(scratch.path().join(file)).unwrap();
        let error = folder.read().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::SpecInvalid);
        assert!(error.message().contains(call), "{error}");
        folder = supply(folder);
    }
    assert_eq!(folder.read().unwrap(), ModelSpec { normalize: true, max_tokens: 128, ..whole });

    fs::rename(scratch.path().join("onnx/model.onnx"), scratch.path().join("model.onnx")).unwrap();
    assert!(folder.read().unwrap().files[0].path.ends_with("model.onnx"));
    let error = folder.graph("onnx/model_fp16.onnx").read().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelMissing);
    assert!(error.message().contains("onnx/model_fp16.onnx"), "{error}");
}

#[test]
fn what_would_change_the_vectors_and_is_not_computed_is_refused() {
    let dense = r#"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
        {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
        {"idx":2,"name":"2","path":"2_Dense","type":"sentence_transformers.models.Dense"}]"#;
    let cases = [
        ("modules.json", dense, "sentence_transformers.models.Dense"),
        ("1_Pooling/config.json", r#"{"pooling_mode_max_tokens":true}"#, "max_tokens"),
        ("1_Pooling/config.json", r#"{"pooling_mode":"weightedmean"}"#, "weightedmean"),
        ("1_Pooling/config.json", r#"{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true}"#, " and "),
        ("1_Pooling/config.json", r#"{"pooling_mode_mean_tokens":true,"include_prompt":false}"#, "include_prompt"),
        ("sentence_bert_config.json", r#"{"max_seq_length":64,"do_lower_case":true}"#, "do_lower_case"),
        ("config_sentence_transformers.json", r#"{"prompts":{"query":"{task}: "}}"#, "{task}"),
        ("config.json", r#"{"model_type":"t5","hidden_size":32}"#, "t5"),
    ];
    for (file, text, word) in cases {
        let scratch = Scratch::new("folder-refused");
        copy("bert-mean", &scratch);
        fs::write(scratch.path().join(file), text).unwrap();
        let error = refusal(scratch.path());
        assert_eq!((error.kind(), error.file()), (ErrorKind::Unsupported, Some(&*scratch.path().join(file))));
        assert!(error.message().contains(word), "{error}");
    }
}

#[test]
fn a_file_that_is_missing_or_is_not_what_its_name_says_is_named() {
    let scratch = Scratch::new("folder-missing");
    copy("bert-mean", &scratch);
    fs::write(scratch.path().join("modules.json"), "{").unwrap();
    let error = refusal(scratch.path());
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(&*scratch.path().join("modules.json"))));
    fs::copy(fixtures().join("bert-mean/modules.json"), scratch.path().join("modules.json")).unwrap();
    for file in ["tokenizer.json", "config.json", "onnx/model.onnx"] {
        let path = scratch.path().join(file);
        fs::remove_file(&path).unwrap();
        let error = refusal(scratch.path());
        assert_eq!((error.kind(), error.file()), (ErrorKind::ModelMissing, Some(&*path)), "{error}");
        fs::copy(fixtures().join("bert-mean").join(file), &path).unwrap();
    }
    assert_eq!(refusal(&scratch.path().join("absent")).kind(), ErrorKind::ModelMissing);

    // Tensors beside the graph belong to the model.
    let scratch = Scratch::new("folder-data");
    copy("qwen3-plain", &scratch);
    let error = refusal(scratch.path());
    assert_eq!(error.kind(), ErrorKind::ModelMissing);
    assert_eq!(error.file(), Some(&*scratch.path().join("onnx/model.onnx_data")));
}
