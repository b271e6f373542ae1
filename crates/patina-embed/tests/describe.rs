//! What an ONNX file is, told from its bytes.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use patina_embed::onnx::describe;
use patina_embed::{ErrorKind, Numerics};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

#[test]
fn numerics_follow_from_operators_and_tensors() {
    for (path, numerics) in [
        ("bert-mean/onnx/model.onnx", Numerics::Float32),
        // Its weights are float32; only its output is cast.
        ("bert-mean/onnx/model_bf16_output.onnx", Numerics::Float32),
        ("bert-mean/onnx/model_fp16.onnx", Numerics::Float16),
        ("bert-mean/onnx/model_int8.onnx", Numerics::Int8Dynamic),
        ("qwen3-plain/onnx/model_past_fp16.onnx", Numerics::Float16),
    ] {
        let described = describe(&fixture(path)).unwrap();
        assert_eq!(described.numerics, Some(numerics), "{path}");
        assert!(described.data_files.is_empty(), "{path}");
    }
}

#[test]
fn data_files_are_named_as_the_graph_names_them() {
    let described = describe(&fixture("qwen3-plain/onnx/model.onnx")).unwrap();
    assert_eq!(described.data_files, ["model.onnx_data"]);
    // The weights lie in the other file; what they are is said in this one.
    assert_eq!(described.numerics, Some(Numerics::Float32));
}

#[test]
fn what_is_no_model_is_an_error_that_names_it() {
    let tokenizer = fixture("bert-mean/tokenizer.json");
    let error = describe(&tokenizer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.to_string().contains("tokenizer.json"), "{error}");
    let error = describe(&fixture("bert-mean/onnx/none.onnx")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModelMissing);
}
