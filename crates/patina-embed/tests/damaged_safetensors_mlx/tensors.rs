//! Whole files whose tensors are not those of the architecture: other types, other shapes, too few, too many.

use super::refused;
use super::support::safetensors::Tensor;

const UP: &str = "encoder.layer.1.intermediate.dense.weight";

/// A tensor of one number.
fn extra(name: &str) -> Tensor {
    Tensor { name: name.into(), dtype: "F32".into(), shape: vec![1], numbers: vec![0; 4], claimed: None }
}

fn with_type(dtype: &str, bytes: usize) {
    refused(
        "bert-mean",
        |tensors| {
            let tensor = tensors.tensor(UP);
            tensor.dtype = dtype.into();
            tensor.numbers.resize(64 * 32 * bytes, 0);
        },
        &format!("FILE: tensor {UP} is in {dtype}; weights are in one of [F32, F16, BF16]"),
    );
}

#[test]
fn a_tensor_of_another_type_is_named() {
    for (dtype, bytes) in [("I64", 8), ("U64", 8), ("I32", 4), ("I16", 2), ("U16", 2)] {
        with_type(dtype, bytes);
    }
    for dtype in ["I8", "U8", "BOOL"] {
        with_type(dtype, 1);
    }
    // Even one that is not needed.
    for name in [UP, "pooler.other.weight"] {
        refused(
            "bert-mean",
            |tensors| {
                let tensor = tensors.tensor(UP);
                let numbers = vec![0; 64 * 32 * 8];
                if name == UP {
                    (tensor.dtype, tensor.numbers) = ("F64".into(), numbers);
                } else {
                    tensors.0.push(Tensor { dtype: "F64".into(), shape: vec![64, 32], numbers, ..extra(name) });
                }
            },
            &format!("FILE: tensor {name} is in F64, which MLX does not read from a file"),
        );
    }
}

/// Of the right number of bytes, whatever the type.
#[test]
fn packed_numbers_without_scales_are_named() {
    refused(
        "bert-mean",
        |tensors| tensors.tensor(UP).dtype = "U32".into(),
        &format!("FILE: tensor {UP} is packed in U32, and tensor encoder.layer.1.intermediate.dense.scales is missing"),
    );
}

#[test]
fn a_tensor_of_another_shape_is_named_with_both() {
    let shapes: [(&str, &[u64], &str); 7] = [
        (UP, &[32, 64], "[64, 32]"),
        (UP, &[2048], "[64, 32]"),
        (UP, &[64, 32, 1], "[64, 32]"),
        (UP, &[1, 64, 32], "[64, 32]"),
        ("encoder.layer.0.output.LayerNorm.bias", &[32, 1], "[32]"),
        ("encoder.layer.2.output.dense.bias", &[], "[32]"),
        ("embeddings.position_embeddings.weight", &[0, 32], "[128, 32]"),
    ];
    for (name, shape, wanted) in shapes {
        refused(
            "bert-mean",
            |tensors| {
                let tensor = tensors.tensor(name);
                tensor.shape = shape.to_vec();
                tensor.numbers.resize(shape.iter().product::<u64>() as usize * 4, 0);
            },
            &format!("FILE: tensor {name} has shape {shape:?}; config.json makes it {wanted}"),
        );
    }
}

#[test]
fn a_tensor_that_is_missing_is_named() {
    for (model, name) in [
        ("bert-mean", "embeddings.word_embeddings.weight"),
        ("bert-mean", UP),
        ("bert-mean", "encoder.layer.2.output.LayerNorm.bias"),
        ("bert-mean", "encoder.layer.0.attention.self.key.bias"),
        ("xlmr-mean", "embeddings.token_type_embeddings.weight"),
    ] {
        refused(
            model,
            |tensors| drop(tensors.take(name)),
            &format!("FILE: tensor {name} is missing, which this architecture needs"),
        );
    }
    refused(
        "bert-mean",
        |tensors| tensors.0.clear(),
        "FILE: tensor embeddings.token_type_embeddings.weight is missing, which this architecture needs",
    );
}

#[test]
fn a_tensor_too_many_is_named() {
    // A bias that config.json does not tell of would be left out of the sum.
    let bias = "model.layers.0.self_attn.q_proj.bias";
    refused(
        "qwen3-mlx4",
        |tensors| tensors.0.push(extra(bias)),
        &format!("FILE: tensor {bias} is not known to this architecture"),
    );
    for name in ["encoder.layer.3.output.dense.bias", "embeddings.word_embeddings.weight2", "", "é 中文 \"\\\n"] {
        refused(
            "bert-mean",
            |tensors| tensors.0.push(extra(name)),
            &format!("FILE: tensor {name} is not known to this architecture"),
        );
    }
    // C takes a name for ended there.
    refused("bert-mean", |tensors| tensors.0.push(extra("a\0b")), "FILE: tensor a\0b was not loaded by MLX");
}

/// A name with and without the prefix of conversions is one name.
#[test]
fn a_tensor_under_two_names_is_named() {
    refused(
        "bert-mean",
        |tensors| {
            let mut again = tensors.take(UP);
            let numbers = again.numbers.clone();
            let (dtype, shape) = (again.dtype.clone(), again.shape.clone());
            again.name = format!("bert.{UP}");
            tensors.0.insert(0, again);
            tensors.0.push(Tensor { name: UP.into(), dtype, shape, numbers, claimed: None });
        },
        &format!("FILE: tensor bert.{UP} is in FILE as well"),
    );
}
