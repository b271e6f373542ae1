//! What is left as it is, what is refused, and what an attempt leaves behind.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::super::header::read_header;
use super::super::{QuantizeOptions, QuantizeReport, quantize};
use super::{Folder, fixture, fixtures, json, options, qwen3, single, tensors};
use crate::spec::Architecture;
use crate::{AbortFlag, ErrorKind, Result};

/// Writes a file of zeros in these shapes and types.
fn write_tensors(path: &Path, tensors: &[(&str, &[u64], &str)]) {
    let mut numbers = Vec::new();
    let entries: Vec<String> = tensors
        .iter()
        .map(|(name, shape, dtype)| {
            let begin = numbers.len();
            let width = if dtype.ends_with("64") { 8 } else { 4 };
            numbers.resize(begin + shape.iter().product::<u64>() as usize * width, 0);
            let offsets = [begin, numbers.len()];
            format!("\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape:?},\"data_offsets\":{offsets:?}}}")
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &numbers].concat();
    std::fs::write(path, bytes).unwrap();
}

/// What comes of a Qwen3 of these tensors.
fn convert(tensors: &[(&str, &[u64], &str)], config: &str) -> (Folder, Result<QuantizeReport>) {
    let (source, target) = (Folder::new(), Folder::new());
    let (weights, settings) = (source.0.join("model.safetensors"), source.0.join("config.json"));
    write_tensors(&weights, tensors);
    std::fs::write(&settings, config).unwrap();
    let result = quantize(&single(Architecture::Qwen3, &weights, &settings), &target.0, &options(4));
    (target, result)
}

#[test]
fn a_matrix_that_no_groups_fill_stays_and_is_named_and_what_mlx_leaves_out_is_left_out() {
    let (folder, report) = convert(
        &[
            ("embed_tokens.weight", &[3, 64], "F32"),
            ("layers.0.self_attn.q_proj.weight", &[2, 48], "F32"),
            ("layers.0.self_attn.rotary_emb.inv_freq", &[4], "F32"),
            ("norm.weight", &[64], "F32"),
            ("lm_head.weight", &[3, 64], "F32"),
        ],
        "{\"tie_word_embeddings\": true, \"rms_norm_eps\": 1e-06, \"quantization_config\": null}",
    );
    let report = report.unwrap();
    assert_eq!((report.layers, &report.kept[..]), (1, &["model.layers.0.self_attn.q_proj".to_owned()][..]));
    let names: Vec<String> = tensors(&folder.0.join("model.safetensors")).into_keys().collect();
    let parts = ["biases", "scales", "weight"].map(|part| format!("model.embed_tokens.{part}"));
    assert_eq!(names[..3], parts);
    assert_eq!(names[3..], ["model.layers.0.self_attn.q_proj.weight", "model.norm.weight"]);
    let config = std::fs::read_to_string(folder.0.join("config.json")).unwrap();
    assert!(config.contains("\"rms_norm_eps\": 1e-06"), "{config}");
    let config = json(&folder.0.join("config.json"));
    assert_eq!(config["quantization"], config["quantization_config"]);
    assert_eq!(config["quantization"]["model.layers.0.self_attn.q_proj"], false);
    assert_eq!(config["quantization"]["mode"], "affine");
}

#[test]
fn a_head_of_its_own_is_quantised_under_its_own_name() {
    let tensors_in: &[(&str, &[u64], &str)] =
        &[("model.embed_tokens.weight", &[3, 64], "F32"), ("lm_head.weight", &[3, 64], "F32")];
    let (folder, report) = convert(tensors_in, "{\"tie_word_embeddings\": false}");
    assert_eq!(report.unwrap().layers, 2);
    assert!(tensors(&folder.0.join("model.safetensors")).contains_key("lm_head.scales"));
}

#[test]
fn what_cannot_be_converted_is_refused_by_name_and_leaves_nothing() {
    let words: (&str, &[u64], &str) = ("embed_tokens.weight", &[3, 64], "F32");
    let integers: (&str, &[u64], &str) = ("layers.0.mlp.up_proj.weight", &[3, 8], "U32");
    let long: (&str, &[u64], &str) = ("layers.0.mlp.up_proj.weight", &[3, 64], "F64");
    let vector: (&str, &[u64], &str) = ("layers.0.mlp.up_proj.weight", &[64], "F32");
    let twice: (&str, &[u64], &str) = ("model.embed_tokens.weight", &[3, 64], "F32");
    let norm: (&str, &[u64], &str) = ("norm.weight", &[64], "F32");
    let stated = "{\"quantization\": {\"bits\": 4, \"group_size\": 64}}";
    let cases: [(&[_], &str, ErrorKind, &str); 7] = [
        (&[words, integers], "{}", ErrorKind::InvalidInput, "layers.0.mlp.up_proj.weight is in U32"),
        (&[words, long], "{}", ErrorKind::InvalidInput, "layers.0.mlp.up_proj.weight is in F64"),
        (&[words], stated, ErrorKind::InvalidInput, "has quantization"),
        (&[words, vector], "{}", ErrorKind::Integrity, "layers.0.mlp.up_proj.weight has shape [64]"),
        (&[words, twice], "{}", ErrorKind::Integrity, "model.embed_tokens.weight"),
        (&[norm], "{}", ErrorKind::InvalidInput, "no matrix"),
        (&[words], "[]", ErrorKind::Integrity, "config.json"),
    ];
    for (tensors, config, kind, what) in cases {
        let (folder, result) = convert(tensors, config);
        let error = result.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert!(folder.names().is_empty());
    }
    for (bits, group_size) in [(3, 64), (4, 48), (0, 0)] {
        let folder = Folder::new();
        let error = quantize(&qwen3(), &folder.0, &QuantizeOptions { group_size, ..options(bits) }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let folder = Folder::new();
    let error = quantize(&fixture(Architecture::NomicBert, "bert-mean"), &folder.0, &options(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn a_weight_that_is_not_finite_is_named_and_an_abort_leaves_nothing() {
    let source = Folder::new();
    let weights = source.0.join("model.safetensors");
    let mut bytes = std::fs::read(fixtures().join("bert-mean/model.safetensors")).unwrap();
    let header = read_header(&fixtures().join("bert-mean/model.safetensors")).unwrap();
    let tensor = header.iter().find(|tensor| tensor.name == "encoder.layer.1.output.dense.weight").unwrap();
    let config = fixtures().join("bert-mean/config.json");
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let at = tensor.offset as usize;
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&f32::MIN.to_le_bytes());
        std::fs::write(&weights, &bytes).unwrap();
        let folder = Folder::new();
        let error = quantize(&single(Architecture::Bert, &weights, &config), &folder.0, &options(8)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
        assert!(error.to_string().contains(&tensor.name), "{error}");
        assert!(folder.names().is_empty());
    }

    let folder = Folder::new();
    let abort = AbortFlag::default();
    let (done, last) = (AtomicU64::new(0), AtomicU64::new(0));
    let on_progress = |written, total| {
        last.store(total, Ordering::Relaxed);
        // In the middle of the second shard.
        if done.swap(written, Ordering::Relaxed) < 30_000 && written >= 30_000 {
            abort.abort();
        }
    };
    let options = QuantizeOptions {
        largest_shard: 20_000,
        abort: abort.clone(),
        on_progress: Box::new(on_progress),
        ..options(4)
    };
    assert_eq!(quantize(&qwen3(), &folder.0, &options).unwrap_err().kind(), ErrorKind::Aborted);
    assert!(folder.names().is_empty());
    assert!(done.load(Ordering::Relaxed) < last.load(Ordering::Relaxed));
}
