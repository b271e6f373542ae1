//! What is written, tensor by tensor.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::affine::Packing;
use super::super::{QuantizeOptions, quantize};
use super::{Folder, Value, fixture, fixtures, json, options, parts, qwen3, tensors};
use crate::spec::{Architecture, FileRole};

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
