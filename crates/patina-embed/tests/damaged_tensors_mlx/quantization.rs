//! Changes of how weights are packed.

use serde_json::{Value, json};

use super::model::{Model, fit};
use super::settings::pick;
use super::support::damage::Random;

const BITS: [u64; 6] = [2, 3, 4, 5, 6, 8];
const GROUPS: [u64; 3] = [32, 64, 128];

/// Of a module that is packed, without the ending of its tensors.
fn any_module(model: &mut Model, random: &mut Random) -> Option<String> {
    let paths: Vec<String> =
        model.tensors().filter_map(|tensor| tensor.name.strip_suffix(".scales").map(str::to_owned)).collect();
    (!paths.is_empty()).then(|| paths[random.below(paths.len())].clone())
}

/// Both spellings, as MLX's tools write them.
fn both(model: &mut Model, change: impl Fn(&mut Value)) {
    for key in ["quantization", "quantization_config"] {
        if let Some(stated) = model.config.get_mut(key) {
            change(stated);
        }
    }
}

/// The configuration and the tensors of a module agree on another packing.
pub fn packing(model: &mut Model, random: &mut Random) -> Option<String> {
    let path = any_module(model, random)?;
    let (bits, group) = (BITS[random.below(BITS.len())], GROUPS[random.below(GROUPS.len())]);
    let stated = model.config.get("quantization")?;
    let old = stated.get(&path).filter(|exception| exception.is_object()).unwrap_or(stated).get("bits")?.as_u64()?;
    let mut columns = 0;
    for tensor in model.tensors().filter(|tensor| tensor.name == format!("{path}.weight")) {
        let [_, words] = &mut tensor.shape[..] else { return None };
        columns = *words * 32 / old.max(1);
        *words = columns * bits / 32;
        fit(tensor);
    }
    for tensor in model.tensors() {
        if tensor.name == format!("{path}.scales") || tensor.name == format!("{path}.biases") {
            *tensor.shape.get_mut(1)? = columns / group;
            fit(tensor);
        }
    }
    both(model, |stated| {
        if let Some(stated) = stated.as_object_mut() {
            stated.insert(path.clone(), json!({"bits": bits, "group_size": group}));
        }
    });
    Some(format!("{path} is packed in {bits} bits and groups of {group}"))
}

/// The configuration alone says something else.
pub fn stated(model: &mut Model, random: &mut Random) -> Option<String> {
    let path = any_module(model, random)?;
    let values = [
        json!(false),
        json!(true),
        json!(null),
        json!({}),
        json!({"bits": BITS[random.below(BITS.len())]}),
        json!({"group_size": GROUPS[random.below(GROUPS.len())]}),
        json!({"bits": 1, "group_size": 0}),
        json!({"mode": "mxfp4"}),
        json!(8),
    ];
    let value = values[random.below(values.len())].clone();
    let key = if random.below(2) == 0 { path } else { pick(model.config.get("quantization")?, random)? };
    both(model, |stated| {
        if let Some(stated) = stated.as_object_mut() {
            stated.insert(key.clone(), value.clone());
        }
    });
    Some(format!("quantization says {value} of {key}"))
}
