//! Models in safetensors whose tensors, configuration and index are changed where it hurts, are errors or models, never a
//! crash, a hang or an error that is the engine's own: MLX checks little, and ends the process where it fails on a thread
//! of its own.
//!
//! The cases are the same at each run. `PATINA_FUZZ_SEED` starts with another one; `PATINA_FUZZ_SECONDS` makes it last so
//! long, from cases that follow the clock unless a seed is given.
#![cfg(all(unix, feature = "mlx"))]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod model;
mod quantization;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod tensors;

use std::path::Path;
use std::time::{Duration, Instant};

use model::Model;
use patina_embed::EngineOptions;
use support::cases::{first_seed, new_seed, open_and_embed, run_as_child, run_children, setting, tell};
use support::damage::Random;
use support::options;

/// Float32, bfloat16, several files with an index, quantised in every way.
const MODELS: [&str; 8] = [
    "bert-mean",
    "bert-mlx4",
    "xlmr-mean",
    "qwen3-float32",
    "qwen3-plain",
    "qwen3-mlx4",
    "qwen3-mlx-bits",
    "qwen3-mlx-mixed",
];

/// Cases of a run whose length nobody sets.
const CASES: u64 = 280;

/// Changes a model and says how; `None` where what it would change is not there.
type Change = fn(&mut Model, &mut Random) -> Option<String>;

/// Those that leave a model that can be read, so that MLX computes with it, are there several times.
const CHANGES: [Change; 25] = [
    tensors::data_type,
    tensors::like_type,
    tensors::like_type,
    tensors::axis,
    tensors::rank,
    tensors::place,
    tensors::numbers,
    tensors::numbers,
    tensors::numbers,
    tensors::length,
    tensors::exchange,
    tensors::exchange,
    tensors::removal,
    tensors::name,
    tensors::repetition,
    settings::size,
    settings::size,
    settings::size,
    settings::size,
    settings::value,
    settings::removal,
    settings::index,
    quantization::packing,
    quantization::packing,
    quantization::stated,
];

#[test]
fn damaged_models_are_errors_or_models() {
    let end = setting("PATINA_FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let first = first_seed(|| if end.is_some() { new_seed() } else { 0 });
    run_children("damaged-tensors", first, |done| end.map_or(done < CASES, |end| Instant::now() < end));
}

/// Not a test of its own: what the test above runs in other processes.
#[test]
#[ignore = "run by damaged_models_are_errors_or_models"]
fn child() {
    run_as_child(case);
}

/// Opens a model that was changed in one to three places, in one of eight cases by bytes, and embeds with it if it opens.
fn case(seed: u64, folder: &Path) {
    let mut random = Random::new(seed);
    let name = MODELS[random.below(MODELS.len())];
    let mut model = Model::read(name);
    let mut told = Vec::new();
    let wanted = [1, 1, 1, 2, 3][random.below(5)];
    while told.len() < wanted {
        told.extend(CHANGES[random.below(CHANGES.len())](&mut model, &mut random));
    }
    let damages_bytes = random.below(8) == 0;
    let how = if damages_bytes { ", and bytes of a file" } else { "" };
    tell(seed, &format!("{name}: {}{how}", told.join("; ")));
    let spec = model.write(folder, damages_bytes.then_some(&mut random));
    open_and_embed(seed, spec, &EngineOptions { threads: Some(1), ..options() });
}

/// What is not changed is a model: else every case would be of damage that nobody meant.
#[test]
fn what_is_not_changed_opens() {
    let scratch = support::Scratch::new("unchanged");
    for name in MODELS {
        let spec = Model::read(name).write(scratch.path(), None);
        patina_embed::Engine::open(spec, &options()).unwrap();
    }
}
