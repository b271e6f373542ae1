//! Changes of `config.json` and of the index of shards.

use serde_json::{Value, json};

use super::model::{Model, fit};
use super::support::damage::Random;

/// Sizes that tensors have axes of.
const SIZES: [&str; 8] = [
    "hidden_size",
    "intermediate_size",
    "vocab_size",
    "type_vocab_size",
    "max_position_embeddings",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
];

/// The configuration and all tensors agree on another size: that is a model, if one that nobody trained.
pub fn size(model: &mut Model, random: &mut Random) -> Option<String> {
    let key = SIZES[random.below(SIZES.len())];
    // Another change may have made it absurd.
    let old = model.config.get(key)?.as_u64().filter(|&old| old < 1 << 24)?;
    let new = [0, 1, 2, 3, old.saturating_sub(1), old + 1, old / 2, old * 2, 32, 33, 64, 128][random.below(12)];
    model.config[key] = new.into();
    // Axes are counts of numbers, of heads times their width, and of packed words and groups, an eighth or a part of it.
    let scaled = |axis: u64| match axis {
        axis if axis == old => new,
        axis if key == "head_dim" && axis == 4 * old => 4 * new,
        axis if key == "head_dim" && axis == 2 * old => 2 * new,
        axis if key.contains("heads") && axis == 32 * old => 32 * new,
        axis if old % 8 == 0 && axis == old / 8 => new / 8,
        axis => axis,
    };
    for tensor in model.tensors() {
        tensor.shape.iter_mut().for_each(|axis| *axis = scaled(*axis));
        fit(tensor);
    }
    Some(format!("{key} is {new} instead of {old} everywhere"))
}

/// Some key, among those of an object in it as well.
fn any_key<'config>(config: &'config mut Value, random: &mut Random) -> Option<(&'config mut Value, String)> {
    let key = pick(config, random)?;
    if config[&key].is_object() && random.below(2) == 0 {
        let inner = pick(&config[&key], random)?;
        return Some((config.get_mut(&key)?, inner));
    }
    Some((config, key))
}

pub fn pick(object: &Value, random: &mut Random) -> Option<String> {
    let keys = object.as_object()?;
    keys.keys().nth(random.below(keys.len().max(1))).cloned()
}

pub fn value(model: &mut Model, random: &mut Random) -> Option<String> {
    let (object, key) = any_key(&mut model.config, random)?;
    let old = object[&key].clone();
    let values = [
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(1e-45),
        json!(1e38),
        json!(1e308),
        json!(4096),
        json!(1 << 24),
        json!(u64::MAX),
        json!(true),
        json!(false),
        json!(null),
        json!("gelu"),
        json!([]),
        json!({}),
        json!(old.as_f64().map(|number| -number)),
        json!(old.as_u64().map(|number| number + 1)),
    ];
    let new = values[random.below(values.len())].clone();
    let what = format!("{key} is {new} instead of {old}");
    object[&key] = new;
    Some(what)
}

pub fn removal(model: &mut Model, random: &mut Random) -> Option<String> {
    let (object, key) = any_key(&mut model.config, random)?;
    object.as_object_mut()?.remove(&key);
    Some(format!("{key} is gone"))
}

pub fn index(model: &mut Model, random: &mut Random) -> Option<String> {
    let map = model.index.get_mut("weight_map")?;
    let name = pick(map, random)?;
    let other = pick(map, random)?;
    match random.below(5) {
        0 => drop(map.as_object_mut()?.remove(&name)),
        1 => map[&name] = map[&other].clone(),
        2 => map[format!("{name}.more")] = map[&other].clone(),
        3 => {
            let places =
                [json!("../model.safetensors"), json!("/dev/zero"), json!("a\0b"), json!(""), json!(1), json!([])];
            map[&name] = places[random.below(places.len())].clone();
        }
        _ => *map = [json!([]), json!({}), json!(null), json!("model.safetensors")][random.below(4)].clone(),
    }
    Some(format!("the index says something else of {name:?}, or of all"))
}
