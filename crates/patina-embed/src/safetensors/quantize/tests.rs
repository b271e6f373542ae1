//! What is written, held against what MLX's quantiser makes of the same numbers, to the bit.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::super::header::{Type, read_header};
use super::affine::{Packing, Parts, quantize_groups};
use super::{QuantizeOptions, QuantizeReport, quantize};
use crate::spec::{Architecture, FileRole, ModelFile, ModelSpec, Pooling, Runtime};
use crate::{AbortFlag, ErrorKind, Result};

/// Type, shape and bytes of a tensor.
type Value = (Type, Vec<u64>, Vec<u8>);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn tensors(file: &Path) -> BTreeMap<String, Value> {
    let bytes = std::fs::read(file).unwrap();
    let value = |tensor: super::super::header::Tensor| {
        let begin = tensor.offset as usize;
        let numbers = bytes[begin..begin + tensor.bytes() as usize].to_vec();
        (tensor.name, (tensor.dtype, tensor.shape, numbers))
    };
    read_header(file).unwrap().into_iter().map(value).collect()
}

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("patina-safetensors-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn names(&self) -> Vec<String> {
        let entries = self.0.read_dir().unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A model of these files, of which one digest is as good as another here.
fn spec(architecture: Architecture, files: &[(FileRole, PathBuf)]) -> ModelSpec {
    let file =
        |(role, path): &(FileRole, PathBuf)| ModelFile { role: *role, path: path.clone(), sha256: "0".repeat(64) };
    ModelSpec {
        key: "tiny".into(),
        name: "Tiny".into(),
        architecture,
        dimension: 32,
        min_dimension: None,
        max_tokens: 128,
        pooling: Pooling::Mean,
        normalize: true,
        query_template: None,
        passage_template: None,
        default_task: None,
        variant: "fp32".into(),
        runtime: Runtime::Mlx,
        files: files.iter().map(file).collect(),
    }
}

fn qwen3() -> ModelSpec {
    let folder = fixtures().join("qwen3-float32");
    let file = |role, name: &str| (role, folder.join(name));
    spec(
        Architecture::Qwen3,
        &[
            file(FileRole::Config, "config.json"),
            file(FileRole::Weights, "model-00001-of-00002.safetensors"),
            file(FileRole::Weights, "model-00002-of-00002.safetensors"),
            file(FileRole::Other, "model.safetensors.index.json"),
        ],
    )
}

/// A model of one file and its configuration.
fn single(architecture: Architecture, weights: &Path, config: &Path) -> ModelSpec {
    spec(architecture, &[(FileRole::Config, config.into()), (FileRole::Weights, weights.into())])
}

fn fixture(architecture: Architecture, name: &str) -> ModelSpec {
    let folder = fixtures().join(name);
    single(architecture, &folder.join("model.safetensors"), &folder.join("config.json"))
}

fn options(bits: u32) -> QuantizeOptions<'static> {
    QuantizeOptions { group_size: 32, ..QuantizeOptions::new(bits) }
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Quantises one tensor's numbers.
fn parts((dtype, shape, numbers): &Value, packing: Packing) -> Option<[Vec<u8>; 3]> {
    let row = packing.row_bytes(shape[1] as usize, *dtype);
    let [mut packed, mut scales, mut biases] =
        [row.packed, row.scales, row.scales].map(|bytes| vec![0; bytes * shape[0] as usize]);
    let out = Parts { packed: &mut packed, scales: &mut scales, biases: &mut biases };
    quantize_groups(numbers, *dtype, packing, out)?;
    Some([packed, scales, biases])
}

#[test]
fn numbers_scales_and_biases_are_those_of_mlx_to_the_bit() {
    let golden = tensors(&fixtures().join("quantized/affine.safetensors"));
    let mut compared = 0;
    for dtype in ["float32", "bfloat16", "float16"] {
        let source = &golden[&format!("{dtype}.source")];
        for bits in [4, 8] {
            for group_size in [32, 64, 128] {
                let found = parts(source, Packing { bits, group_size }).unwrap();
                for (part, found) in ["weight", "scales", "biases"].into_iter().zip(found) {
                    let key = format!("{dtype}.bits{bits}.group{group_size}.{part}");
                    assert!(golden[&key].2 == found, "{key}");
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared + 3, golden.len());
}

#[test]
fn a_model_becomes_tensor_for_tensor_what_mlx_makes_of_its_weights() {
    let models = [
        (qwen3(), "qwen3-mlx4", 4, 32, 22),
        (fixture(Architecture::Bert, "bert-mean"), "bert-mlx4", 4, 32, 20),
        // The source is in bfloat16, and its names have no prefix.
        (fixture(Architecture::Qwen3, "qwen3-plain"), "qwen3-mlx8", 8, 64, 22),
    ];
    for (spec, golden, bits, group_size, layers) in models {
        let folder = Folder::new();
        let options = QuantizeOptions { group_size, ..options(bits) };
        let report = quantize(&spec, &folder.0, &options).unwrap();
        assert_eq!((report.layers, &report.kept[..]), (layers, &[][..]), "{golden}");
        assert_eq!(folder.names(), ["config.json", "model.safetensors"]);
        assert_eq!(tensors(&folder.0.join("model.safetensors")), golden_tensors(golden), "{golden}");
    }
}

fn golden_tensors(name: &str) -> BTreeMap<String, Value> {
    tensors(&fixtures().join(name).join("model.safetensors"))
}

#[test]
fn the_configuration_keeps_its_keys_in_their_order_and_says_how_the_weights_are_quantised() {
    let folder = Folder::new();
    quantize(&qwen3(), &folder.0, &options(4)).unwrap();
    let written = std::fs::read_to_string(folder.0.join("config.json")).unwrap();
    let golden = std::fs::read_to_string(fixtures().join("qwen3-mlx4/config.json")).unwrap();
    assert_eq!(written.trim_end(), golden.trim_end());
}

#[test]
fn a_large_model_is_dealt_to_shards_with_an_index_and_loses_nothing() {
    let (whole, shards) = (Folder::new(), Folder::new());
    quantize(&qwen3(), &whole.0, &options(4)).unwrap();
    let largest_shard = 20_000;
    let report = quantize(&qwen3(), &shards.0, &QuantizeOptions { largest_shard, ..options(4) }).unwrap();
    let weights: Vec<&PathBuf> =
        report.files.iter().filter(|(role, _)| *role == FileRole::Weights).map(|(_, path)| path).collect();
    assert!(weights.len() > 3);
    let index = json(&shards.0.join("model.safetensors.index.json"));
    let mut found = BTreeMap::new();
    let mut size = 0;
    for (number, &path) in weights.iter().enumerate() {
        let name = format!("model-{:05}-of-{:05}.safetensors", number + 1, weights.len());
        assert_eq!(path, &shards.0.join(&name));
        let tensors = tensors(path);
        let bytes = tensors.values().map(|(_, _, bytes)| bytes.len() as u64).sum::<u64>();
        assert!(bytes <= largest_shard || tensors.len() == 3, "{name} has {bytes} bytes");
        size += bytes;
        assert!(tensors.keys().all(|tensor| index["weight_map"][tensor] == *name));
        found.extend(tensors);
    }
    assert_eq!(index["metadata"]["total_size"], size);
    assert_eq!(index["weight_map"].as_object().unwrap().len(), found.len());
    assert_eq!(found, tensors(&whole.0.join("model.safetensors")));
}

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

proptest! {
    /// A number that the scale reaches comes back within half a scale, and a zero as zero.
    #[test]
    fn numbers_come_back_within_half_a_scale(
        numbers in proptest::collection::vec(prop_oneof![4 => -3.0_f32..3.0, 1 => Just(0.0)], 128),
        shift in prop_oneof![Just(0.0_f32), -2.0_f32..2.0],
        bits in prop_oneof![Just(4_usize), Just(8)],
        group_size in prop_oneof![Just(32_usize), Just(64), Just(128)],
    ) {
        let numbers: Vec<f32> =
            numbers.into_iter().map(|number| if number == 0.0 { 0.0 } else { number + shift }).collect();
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let [packed, scales, biases] = parts(&(Type::F32, vec![1, 128], bytes), Packing { bits, group_size }).unwrap();
        let float = |part: &[u8], group: usize| f32::from_le_bytes(part[group * 4..group * 4 + 4].try_into().unwrap());
        for (index, &number) in numbers.iter().enumerate() {
            let integer = if bits == 8 { packed[index] } else { (packed[index / 2] >> (4 * (index % 2))) & 15 };
            let (scale, bias) = (float(&scales, index / group_size), float(&biases, index / group_size));
            let back = f32::from(integer) * scale + bias;
            // The scale was adjusted for zero, so the last number may fall short of the range's nearer end by one step.
            let last = bias + scale * ((1 << bits) - 1) as f32;
            let reached = number.clamp(bias.min(last), bias.max(last));
            prop_assert!((number - reached).abs() <= scale.abs() * 1.01 + 1e-6, "{number} is far from {last}");
            prop_assert!((back - reached).abs() <= scale.abs() * 0.501 + 1e-6, "{number} came back as {back} of {scale}");
            if number == 0.0 {
                prop_assert!(back.abs() <= 1e-6, "0 came back as {back}");
            }
        }
    }

    #[test]
    fn a_group_of_zeros_stays_zero(bits in prop_oneof![Just(4_usize), Just(8)]) {
        let [_, _, biases] = parts(&(Type::F32, vec![1, 64], vec![0; 256]), Packing { bits, group_size: 64 }).unwrap();
        prop_assert_eq!(biases, vec![0; 4]);
    }
}
