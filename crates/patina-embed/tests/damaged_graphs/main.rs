//! ONNX files whose bytes are right and whose words are not: graphs that are read as messages, changed where it hurts, and
//! written again, are errors or models, never a crash, a hang or an error that is the engine's own.
//!
//! The cases are the same at each run. `PATINA_FUZZ_SEED` starts with another one; `PATINA_FUZZ_SECONDS` makes it last so
//! long, from cases that follow the clock unless a seed is given.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod attributes;
mod graphs;
mod nodes;
#[path = "../support/mod.rs"]
mod support;
mod tensors;
mod tree;
mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

use patina_embed::{EngineOptions, FileRole};
use support::cases::{copy_data, first_seed, new_seed, open_and_embed, run_as_child, run_children, setting, tell};
use support::damage::Random;
use support::{file, golden, options, spec};
use tree::{Kind, Message};

/// Plain, from another exporter, quantised, with data beside the graph, and with an operator of ONNX Runtime's own.
const MODELS: [(&str, &str); 5] = [
    ("bert-mean", "golden.json"),
    ("bert-cls", "golden.json"),
    ("bert-mean", "golden-int8.json"),
    ("qwen3-plain", "golden.json"),
    ("qwen3-gqa", "golden.json"),
];

/// Cases of a run whose length nobody sets.
const CASES: u64 = 280;

const DOMAINS: [&str; 6] = ["", "ai.onnx", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.ml", "no.such.domain"];

/// Changes a model and says how; `None` where what it would change is not there.
type Change = fn(&mut Message, &mut Random) -> Option<String>;

/// Those that leave a file that can be read, so that more of it is reached, are there several times.
const CHANGES: [Change; 40] = [
    wire::number,
    wire::kind,
    wire::length,
    wire::cut,
    wire::removal,
    wire::repetition,
    wire::order,
    wire::transplant,
    tensors::data_type,
    tensors::dimensions,
    tensors::numbers,
    tensors::numbers,
    tensors::numbers_elsewhere,
    tensors::integer_within,
    tensors::integer_within,
    tensors::integer_within,
    tensors::integer_within,
    tensors::size,
    tensors::size,
    tensors::size,
    tensors::place,
    tensors::placement,
    nodes::operator,
    nodes::like_operator,
    nodes::like_operator,
    nodes::like_operator,
    nodes::rewiring,
    nodes::rewiring,
    nodes::rewiring,
    nodes::wiring,
    nodes::nameless,
    nodes::nameless,
    attributes::attribute,
    attributes::attribute,
    attributes::attribute,
    attributes::new_attribute,
    graphs::declaration,
    graphs::version,
    graphs::branch,
    graphs::function,
];

/// One of the messages for which `wanted` holds.
fn pick<'model>(
    model: &'model mut Message,
    random: &mut Random,
    wanted: &dyn Fn(&Message) -> bool,
) -> Option<&'model mut Message> {
    let count = model.count(wanted);
    if count == 0 { None } else { model.nth(wanted, &mut random.below(count)) }
}

/// One of the messages of a kind.
fn any<'model>(model: &'model mut Message, random: &mut Random, kind: Kind) -> Option<&'model mut Message> {
    pick(model, random, &|message| message.kind == kind)
}

/// A name that some node gives to a value.
fn any_value(model: &mut Message, random: &mut Random) -> Option<String> {
    any(model, random, Kind::Node).map(|node| node.text(2))
}

/// A number that sizes, axes, types and versions trip over.
fn integer(random: &mut Random) -> i64 {
    const INTEGERS: [i64; 18] = [
        0,
        1,
        2,
        3,
        7,
        64,
        127,
        1 << 16,
        (1 << 31) - 1,
        1 << 31,
        1 << 32,
        1 << 40,
        i64::MAX,
        -1,
        -2,
        -3,
        -128,
        i64::MIN,
    ];
    INTEGERS[random.below(INTEGERS.len())]
}

#[test]
fn damaged_graphs_are_errors_or_models() {
    let end = setting("PATINA_FUZZ_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let first = first_seed(|| if end.is_some() { new_seed() } else { 0 });
    run_children("damaged-graphs", first, |done| end.map_or(done < CASES, |end| Instant::now() < end));
}

/// Not a test of its own: what the test above runs in other processes.
#[test]
#[ignore = "run by damaged_graphs_are_errors_or_models"]
fn child() {
    run_as_child(case);
}

/// Opens a model whose graph was changed in one to three places and, where that works, embeds with it.
fn case(seed: u64, folder: &Path) {
    let mut random = Random::new(seed);
    let (model, goldens) = MODELS[random.below(MODELS.len())];
    let mut spec = spec(model, &golden(model, goldens));
    let whole = spec.file(FileRole::Weights).unwrap().to_path_buf();
    let mut graph = Message::read(Kind::Model, &std::fs::read(&whole).unwrap());
    let mut told = Vec::new();
    let wanted = [1, 1, 1, 2, 3][random.below(5)];
    while told.len() < wanted {
        told.extend(CHANGES[random.below(CHANGES.len())](&mut graph, &mut random));
    }
    // An optimised graph is written, read and checked in ways of its own.
    let cached = random.below(3) == 0;
    let how = if cached { ", with a cache of graphs" } else { "" };
    tell(seed, &format!("{}: {}{how}", whole.display(), told.join("; ")));
    copy_data(&mut spec, folder);
    let path = folder.join(whole.file_name().unwrap());
    std::fs::write(&path, graph.write()).unwrap();
    spec.files.retain(|file| file.role != FileRole::Weights);
    spec.files.push(file(FileRole::Weights, path));
    let graph_cache = cached.then(|| folder.join("cache").join(seed.to_string()));
    open_and_embed(seed, spec, &EngineOptions { threads: Some(1), graph_cache: graph_cache.clone(), ..options() });
    if let Some(cache) = graph_cache.filter(|cache| cache.exists()) {
        std::fs::remove_dir_all(cache).unwrap();
    }
}

/// What is not changed is written as it was read: else every case would be of damage that nobody meant.
#[test]
fn a_tree_is_written_as_it_was_read() {
    for (model, goldens) in MODELS {
        let bytes = std::fs::read(spec(model, &golden(model, goldens)).file(FileRole::Weights).unwrap()).unwrap();
        assert!(Message::read(Kind::Model, &bytes).write() == bytes, "{model}");
    }
}
