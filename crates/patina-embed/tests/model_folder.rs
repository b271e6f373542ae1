//! Folders as sentence-transformers lays them out give the model that the goldens describe, or say what they leave open.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use patina_embed::{EmbeddingEngine, Engine, Error, ErrorKind, FileRole, ModelFolder, ModelSpec, Pooling, Runtime};
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
    let config = fs::read_to_string(scratch.path().join("config.json")).unwrap();
    let unlimited = config.replace("\"max_position_embeddings\": 128,", "");
    assert_ne!(unlimited, config);
    fs::write(scratch.path().join("config.json"), unlimited).unwrap();
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
        ("modules.json", r#"[{"path":"0_Transformer","type":"models.Transformer"}]"#, "0_Transformer"),
        ("1_Pooling/config.json", r#"{"pooling_mode_max_tokens":true}"#, "max_tokens"),
        ("1_Pooling/config.json", r#"{"pooling_mode":"weightedmean"}"#, "weightedmean"),
        ("1_Pooling/config.json", r#"{"pooling_mode":["mean","cls"]}"#, "mean and cls"),
        ("1_Pooling/config.json", r#"{"pooling_mode":"mean","embedding_dimension":64}"#, "64 numbers"),
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

#[test]
fn the_limit_is_the_smaller_of_tokenizer_and_positions_where_no_other_is_stated() {
    let scratch = Scratch::new("folder-limit");
    copy("xlmr-mean", &scratch);
    fs::remove_file(scratch.path().join("sentence_bert_config.json")).unwrap();
    for (tokenizer, limit) in [("40", 40), ("1000000000000000019884624838656", 64), ("512", 64)] {
        let text = format!(r#"{{"model_max_length": {tokenizer}}}"#);
        fs::write(scratch.path().join("tokenizer_config.json"), text).unwrap();
        assert_eq!(ModelSpec::from_dir(scratch.path()).unwrap().max_tokens, limit, "{tokenizer}");
    }
    // The table has 66 rows, and no token of XLM-R reaches the first two.
    let error = ModelFolder::new(scratch.path()).max_tokens(66).read().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::SpecInvalid);
    assert!(error.message().contains("positions for 64"), "{error}");
}

/// Of sentence-transformers 6.2, `encode` puts a default prompt before every text, `encode_query` and `encode_document`
/// do not.
#[test]
fn a_side_that_has_the_default_prompt_alone_is_the_callers_to_settle() {
    let scratch = Scratch::new("folder-prompts");
    copy("bert-mean", &scratch);
    let write = |text: &str| fs::write(scratch.path().join("config_sentence_transformers.json"), text).unwrap();
    write(r#"{"prompts": {"query": "q: ", "document": ""}, "default_prompt_name": "query"}"#);
    let error = refusal(scratch.path());
    assert_eq!(error.kind(), ErrorKind::SpecInvalid);
    assert!(error.message().contains("ModelFolder::passage_template"), "{error}");
    let spec = ModelFolder::new(scratch.path()).passage_template("{text}").read().unwrap();
    assert_eq!(spec.query_template.as_deref(), Some("q: {text}"));

    write(r#"{"prompts": {"query": "q: "}, "default_prompt_name": "sts"}"#);
    let error = refusal(scratch.path());
    assert_eq!(error.kind(), ErrorKind::SpecInvalid);
    assert!(error.message().contains("\"sts\""), "{error}");
}

#[test]
fn the_callers_runtime_decides_which_files_are_taken() {
    let of = |model: &str, runtime| ModelFolder::new(fixtures().join(model)).runtime(runtime);
    let mlx = of("bert-mean", Runtime::Mlx).read().unwrap();
    assert_eq!(mlx.runtime, Runtime::Mlx);
    assert!(mlx.file(FileRole::Weights).unwrap().ends_with("bert-mean/model.safetensors"));
    let onnx = of("bert-mean", Runtime::Onnx).read().unwrap();
    assert_eq!((onnx.runtime, &onnx), (Runtime::Onnx, &ModelSpec::from_dir(fixtures().join("bert-mean")).unwrap()));

    let error = of("nomic-mean", Runtime::Mlx).read().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("use runtime onnx"), "{error}");
    let error = of("bert-mean", Runtime::Mlx).graph("onnx/model.onnx").read().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = of("qwen3-float32", Runtime::Onnx).read().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ModelMissing);
}

#[test]
fn shards_are_those_of_the_index_and_lie_beside_it() {
    let scratch = Scratch::new("folder-shards");
    copy("bert-mean", &scratch);
    fs::remove_file(scratch.path().join("onnx/model.onnx")).unwrap();
    assert_eq!(refusal(scratch.path()).kind(), ErrorKind::ModelMissing);
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let tensors = fixtures().join("bert-mean/model.safetensors");
    fs::copy(&tensors, scratch.path().join(shards[0])).unwrap();
    let index = |name: &str| {
        let text = format!(r#"{{"weight_map": {{"a": {:?}, "b": {name:?}, "c": {name:?}}}}}"#, shards[0]);
        fs::write(scratch.path().join("model.safetensors.index.json"), text).unwrap();
    };
    for name in ["../model.safetensors", "/model.safetensors", "below/model.safetensors", ".", ""] {
        index(name);
        assert_eq!(refusal(scratch.path()).kind(), ErrorKind::Integrity, "{name}");
    }
    index(shards[1]);
    let error = refusal(scratch.path());
    assert_eq!((error.kind(), error.file()), (ErrorKind::ModelMissing, Some(&*scratch.path().join(shards[1]))));
    fs::write(scratch.path().join(shards[1]), "version https://git-lfs.github.com/spec/v1").unwrap();
    assert_eq!(refusal(scratch.path()).kind(), ErrorKind::Integrity);
    fs::copy(&tensors, scratch.path().join(shards[1])).unwrap();
    let spec = ModelSpec::from_dir(scratch.path()).unwrap();
    assert_eq!((spec.runtime, spec.variant.as_str()), (Runtime::Mlx, "fp32"));
    let found: Vec<_> = spec.files_of(FileRole::Weights).unwrap().iter().map(|path| path.file_name()).collect();
    assert_eq!(found, shards.map(|name| Some(name.as_ref())));
    assert!(spec.file(FileRole::Other).unwrap().ends_with("model.safetensors.index.json"));
}
