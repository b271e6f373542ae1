//! Quantised weights whose tensors and configuration do not belong together.

use patina_embed::{EmbeddingEngine, ErrorKind, FileRole};
use serde_json::{Value, json};

use super::support::open;
use super::support::safetensors::Tensors;
use super::{Damaged, refused, refused_config};

const MODEL: &str = "qwen3-mlx4";
const QUERY: &str = "model.layers.0.self_attn.q_proj";

/// Both spellings, as MLX's tools write them.
fn quantization(config: &mut Value, stated: &Value) {
    for key in ["quantization", "quantization_config"] {
        config[key] = stated.clone();
    }
}

#[test]
fn scales_without_a_configuration_are_named() {
    refused_config(
        MODEL,
        |config| quantization(config, &Value::Null),
        ErrorKind::Integrity,
        &format!("FILE: tensor {QUERY}.scales is there, and config.json does not say how the weights are quantised"),
    );
    refused_config(
        MODEL,
        |config| quantization(config, &json!({"bits": 4, "group_size": 32, QUERY: false})),
        ErrorKind::Integrity,
        &format!("FILE: tensor {QUERY}.scales is there, and config.json does not say how the weights are quantised"),
    );
}

#[test]
fn another_tool_s_way_of_quantising_is_named() {
    refused_config(
        MODEL,
        |config| {
            config["quantization"] = Value::Null;
            config["quantization_config"] = json!({"quant_method": "gptq", "bits": 4, "group_size": 128});
        },
        ErrorKind::Unsupported,
        "FILE: its weights are quantised by \"gptq\", which MLX does not compute; take MLX's own conversion of the model, or \
         weights that are not quantised",
    );
}

/// MLX's tools quantise the modules that have scales and leave the others, so a file without any is a plain one.
#[test]
fn a_configuration_without_scales_changes_nothing() {
    let mut damaged = Damaged::new("bert-mean");
    let mut config = damaged.config();
    quantization(&mut config, &json!({"bits": 4, "group_size": 32}));
    damaged.put(FileRole::Config, config.to_string().as_bytes());
    let found = damaged.open().unwrap().embed("the river").unwrap();
    assert_eq!(found, open("bert-mean").embed("the river").unwrap());
}

#[test]
fn a_part_of_a_packed_matrix_that_is_missing_is_named() {
    refused(
        MODEL,
        |tensors| drop(tensors.take(&format!("{QUERY}.scales"))),
        &format!(
            "FILE: tensor {QUERY}.weight is packed in U32, and tensor layers.0.self_attn.q_proj.scales is missing"
        ),
    );
    refused(
        MODEL,
        |tensors| drop(tensors.take(&format!("{QUERY}.biases"))),
        "FILE: tensor layers.0.self_attn.q_proj.biases is missing, which this architecture needs",
    );
    refused(
        MODEL,
        |tensors| drop(tensors.take(&format!("{QUERY}.weight"))),
        "FILE: tensor layers.0.self_attn.q_proj.weight is missing",
    );
}

#[test]
fn a_part_of_a_packed_matrix_of_another_type_or_shape_is_named() {
    let retyped = |part: &'static str, dtype: &'static str, bytes: usize| {
        move |tensors: &mut Tensors| {
            let tensor = tensors.tensor(&format!("{QUERY}.{part}"));
            let count = tensor.shape.iter().product::<u64>() as usize;
            tensor.dtype = dtype.into();
            tensor.numbers.resize(count * bytes, 0);
        }
    };
    for (dtype, bytes) in [("F32", 4), ("I32", 4), ("U8", 1), ("F16", 2)] {
        refused(
            MODEL,
            retyped("weight", dtype, bytes),
            &format!("FILE: tensor {QUERY}.weight is in {dtype}; weights of 4 bits are packed in U32"),
        );
    }
    for part in ["scales", "biases"] {
        for (dtype, bytes) in [("U32", 4), ("U8", 1), ("I64", 8)] {
            refused(
                MODEL,
                retyped(part, dtype, bytes),
                &format!("FILE: tensor {QUERY}.{part} is in {dtype}; weights are in one of [F32, F16, BF16]"),
            );
        }
    }
    // 64 columns of 4 bits in 8 words of 32, 2 groups of 32.
    for (part, shape, wanted) in [
        ("weight", [128, 4], "[128, 8]"),
        ("weight", [128, 64], "[128, 8]"),
        ("weight", [8, 128], "[128, 8]"),
        ("scales", [128, 1], "[128, 2]"),
        ("biases", [64, 2], "[128, 2]"),
    ] {
        refused(
            MODEL,
            |tensors| {
                let tensor = tensors.tensor(&format!("{QUERY}.{part}"));
                tensor.shape = shape.to_vec();
                tensor.numbers.resize((shape[0] * shape[1] * 4) as usize, 0);
            },
            &format!("FILE: tensor {QUERY}.{part} has shape {shape:?}; config.json makes it {wanted}"),
        );
    }
}

#[test]
fn packings_that_mlx_does_not_have_are_named() {
    let offers = "MLX has bits [2, 3, 4, 5, 6, 8] in groups of [32, 64, 128]";
    for (bits, group) in [(7, 32), (0, 32), (1, 32), (-4, 32), (16, 32), (4, 0), (4, 16), (4, -32), (4, 256)] {
        for exception in [false, true] {
            let packing = json!({"bits": bits, "group_size": group});
            let (stated, path) = if exception {
                (json!({"bits": 4, "group_size": 32, QUERY: packing}), QUERY)
            } else {
                (packing, "all modules")
            };
            refused_config(
                MODEL,
                |config| quantization(config, &stated),
                ErrorKind::Unsupported,
                &format!(
                    "the quantization of {path} in config.json is not supported: {bits} bits in groups of {group}; \
                     {offers}"
                ),
            );
        }
    }
    for mode in ["mxfp4", "nvfp4", "", "AFFINE"] {
        refused_config(
            MODEL,
            |config| quantization(config, &json!({"bits": 4, "group_size": 32, "mode": mode})),
            ErrorKind::Unsupported,
            &format!(
                "the quantization of all modules in config.json is not supported: its mode is {mode:?}, and this engine \
                 computes \"affine\""
            ),
        );
    }
}

#[test]
fn what_is_no_quantization_is_named() {
    for (stated, why) in [
        (json!([4, 32]), "it is no object"),
        (json!(4), "it is no object"),
        (json!({"bits": 4}), "it has no group_size"),
        (json!({"group_size": 32}), "it has no bits"),
        (json!({"bits": "4", "group_size": 32}), "invalid type: string \"4\", expected i32"),
        (json!({"bits": 4.5, "group_size": 32}), "invalid type: floating point `4.5`, expected i32"),
        (json!({"bits": 1_u64 << 40, "group_size": 32}), "invalid value: integer `1099511627776`, expected i32"),
        (json!({"bits": 4, "group_size": 32, "mode": 1}), "invalid type: integer `1`, expected a string"),
    ] {
        refused_config(
            MODEL,
            |config| quantization(config, &stated),
            ErrorKind::Integrity,
            &format!("the quantization of all modules in config.json cannot be read: {why}"),
        );
    }
}

/// The configuration is right for some model, and not for this one's tensors.
#[test]
fn packings_of_another_model_name_the_tensor() {
    for (bits, group, what) in [
        (8, 32, "weight has shape [128, 8]; config.json makes it [128, 16]"),
        (2, 32, "weight has shape [128, 8]; config.json makes it [128, 4]"),
        (4, 64, "scales has shape [128, 2]; config.json makes it [128, 1]"),
        (4, 128, "weight has 64 columns, which no groups of 128 fill"),
    ] {
        refused_config(
            MODEL,
            |config| quantization(config, &json!({"bits": bits, "group_size": group})),
            ErrorKind::Integrity,
            &format!("FILE: tensor {QUERY}.{what}"),
        );
    }
}
