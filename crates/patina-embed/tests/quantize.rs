//! Float32 files turned into dynamic int8, against ONNX Runtime's own quantiser.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use patina_embed::onnx::{QuantizeOptions, QuantizeReport, quantize};
use patina_embed::{AbortFlag, EmbedOptions, EmbeddingEngine, Engine, ErrorKind, FileRole};
use proptest::prelude::*;
use support::{GoldenFile, cosine, distance, file, fixtures, golden, options, spec, texts};

const MODELS: [&str; 4] = ["bert-mean", "bert-cls", "qwen3-plain", "xlmr-mean"];
/// The int8 numbers are the same and their products exact. Float32 steps in another order round a few activations to the
/// next of 255 numbers: the reference implementation of the operators is up to 2e-3 away for the same reason.
const SAME_WEIGHTS: f32 = 5e-3;
/// Against float32, for random weights of 24 to 64 numbers a row within ±64; trained models come nearer.
const FLOAT32_COSINE: f64 = 0.98;

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("patina-quantize-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.0.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn source(model: &str) -> PathBuf {
    fixtures().join(model).join("onnx/model.onnx")
}

fn reduced() -> QuantizeOptions<'static> {
    QuantizeOptions { reduce_range: Some(true), ..QuantizeOptions::default() }
}

/// The vectors of the goldens' texts, from the files that were written.
fn vectors(model: &str, golden: &GoldenFile, report: &QuantizeReport) -> Vec<Vec<f32>> {
    let mut spec = spec(model, golden);
    spec.files.retain(|file| !matches!(file.role, FileRole::Weights | FileRole::ExternalData));
    for (path, role) in report.files.iter().zip([FileRole::Weights, FileRole::ExternalData]) {
        spec.files.push(file(role, path.clone()));
    }
    let engine = Engine::open(spec, &options()).unwrap();
    let texts = texts();
    let texts: Vec<&str> = golden.goldens.iter().map(|golden| texts[&golden.id].as_str()).collect();
    let found = engine.embed_batch(&texts, &EmbedOptions::default()).unwrap();
    (0..texts.len()).map(|row| found.row(row).to_vec()).collect()
}

#[test]
fn vectors_are_those_of_the_quantiser_of_onnx_runtime() {
    for model in MODELS {
        let folder = Folder::new();
        let report = quantize(&source(model), &folder.path("model.onnx"), &reduced()).unwrap();
        let golden = golden(model, "golden-quantized.json");
        let found = vectors(model, &golden, &report);
        assert!(!found.is_empty());
        for (vector, golden) in found.iter().zip(&golden.goldens) {
            let far = distance(vector, &golden.embedding);
            assert!(far <= SAME_WEIGHTS, "{model}, {} lies {far} from ONNX Runtime's own", golden.id);
        }
        assert_eq!(folder.names(), ["model.onnx"]);
    }
}

#[test]
fn vectors_stay_near_float32() {
    for model in MODELS {
        let folder = Folder::new();
        let report = quantize(&source(model), &folder.path("model.onnx"), &reduced()).unwrap();
        let quantized = golden(model, "golden-quantized.json");
        let float = golden(model, "golden.json");
        for (vector, one) in vectors(model, &quantized, &report).iter().zip(&quantized.goldens) {
            let same = |other: &&support::Golden| other.token_ids == one.token_ids && other.dimension.is_none();
            let near = cosine(vector, &float.goldens.iter().find(same).unwrap().embedding);
            assert!(near >= FLOAT32_COSINE, "{model}, {}: cosine {near}", one.id);
        }
    }
}

#[test]
fn a_large_model_keeps_its_tensors_in_a_file_beside_it() {
    for model in MODELS {
        let folder = Folder::new();
        let golden = golden(model, "golden-quantized.json");
        let inline = quantize(&source(model), &folder.path("inline.onnx"), &reduced()).unwrap();
        let options = QuantizeOptions { most_inline: Some(0), ..reduced() };
        let apart = quantize(&source(model), &folder.path("apart.onnx"), &options).unwrap();
        assert_eq!(apart.files, [folder.path("apart.onnx"), folder.path("apart.onnx_data")]);
        assert_eq!(vectors(model, &golden, &inline), vectors(model, &golden, &apart), "{model}");
    }
}

#[test]
fn the_full_range_has_finer_steps() {
    let folder = Folder::new();
    let golden = golden("bert-mean", "golden-quantized.json");
    let run = |name: &str, reduce_range| {
        let options = QuantizeOptions { reduce_range: Some(reduce_range), ..QuantizeOptions::default() };
        let report = quantize(&source("bert-mean"), &folder.path(name), &options).unwrap();
        assert_eq!(report.reduce_range, reduce_range);
        vectors("bert-mean", &golden, &report)
    };
    assert_ne!(run("full.onnx", false), run("reduced.onnx", true));
}

#[test]
fn what_cannot_be_quantised_is_said_and_leaves_nothing() {
    let folder = Folder::new();
    let target = folder.path("model.onnx");
    let error = |source: &Path| quantize(source, &target, &reduced()).unwrap_err();

    let twice = error(&fixtures().join("bert-mean/onnx/model_int8.onnx"));
    assert_eq!(twice.kind(), ErrorKind::InvalidInput);
    assert!(twice.message().contains("quantised already"), "{twice}");

    let half = error(&fixtures().join("qwen3-plain/onnx/model_past_fp16.onnx"));
    assert_eq!(half.kind(), ErrorKind::InvalidInput);
    assert!(half.message().contains("float32"), "{half}");

    assert_eq!(error(&folder.path("none.onnx")).kind(), ErrorKind::ModelMissing);
    let unwritable = quantize(&source("bert-mean"), &folder.path("none/model.onnx"), &reduced()).unwrap_err();
    assert_eq!(unwritable.kind(), ErrorKind::Io);

    let abort = AbortFlag::default();
    abort.abort();
    let options = QuantizeOptions { abort, ..reduced() };
    let aborted = quantize(&source("bert-mean"), &target, &options).unwrap_err();
    assert_eq!(aborted.kind(), ErrorKind::Aborted);
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn an_abort_while_bytes_are_written_leaves_nothing() {
    let folder = Folder::new();
    let abort = AbortFlag::default();
    let at_first = abort.clone();
    let options = QuantizeOptions { abort, on_progress: Box::new(move |_, _| at_first.abort()), ..reduced() };
    let aborted = quantize(&source("bert-mean"), &folder.path("model.onnx"), &options).unwrap_err();
    assert_eq!(aborted.kind(), ErrorKind::Aborted);
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn a_weight_that_is_not_finite_is_named() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(source("bert-mean")).unwrap();
    let name = b"encoder.layer.1.intermediate.dense.weight";
    // The last place that names it is the tensor itself; then come the field's key, two bytes of length, the numbers.
    let end = bytes.windows(name.len()).rposition(|window| window == name).unwrap() + name.len();
    assert_eq!(bytes[end], 9 << 3 | 2);
    bytes[end + 3..end + 7].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(folder.path("source.onnx"), bytes).unwrap();
    let error = quantize(&folder.path("source.onnx"), &folder.path("model.onnx"), &reduced()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.message().contains("\"encoder.layer.1.intermediate.dense.weight\""), "{error}");
}

#[test]
fn external_data_that_is_short_or_elsewhere_is_named() {
    let folder = Folder::new();
    let model = folder.path("model.onnx");
    let bytes = std::fs::read(source("qwen3-plain")).unwrap();
    let data = std::fs::read(source("qwen3-plain").with_file_name("model.onnx_data")).unwrap();
    std::fs::write(&model, &bytes).unwrap();
    std::fs::write(folder.path("model.onnx_data"), &data[..data.len() / 2]).unwrap();
    let error = quantize(&model, &folder.path("out.onnx"), &reduced()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.message().contains("tensor \"") && error.message().contains("lies outside"), "{error}");

    let (from, to) = (b"model.onnx_data", b"../../../passwd");
    let mut elsewhere = bytes;
    while let Some(at) = elsewhere.windows(from.len()).position(|window| window == from) {
        elsewhere[at..at + from.len()].copy_from_slice(to);
    }
    std::fs::write(&model, elsewhere).unwrap();
    let error = quantize(&model, &folder.path("out.onnx"), &reduced()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.message().contains("leads out of the model's folder"), "{error}");
    assert_eq!(folder.names(), ["model.onnx", "model.onnx_data"]);
}

#[cfg(unix)]
#[test]
fn external_data_behind_a_link_is_read_where_the_loader_would_read_it() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let (whole, data) = (source("qwen3-plain"), source("qwen3-plain").with_file_name("model.onnx_data"));
    let model = folder.path("model.onnx");
    std::fs::copy(&whole, &model).unwrap();
    for target in [elsewhere.path("data"), PathBuf::from("/dev/zero")] {
        if target.starts_with(&elsewhere.0) {
            std::fs::copy(&data, &target).unwrap();
        }
        std::os::unix::fs::symlink(&target, folder.path("model.onnx_data")).unwrap();
        let error = quantize(&model, &folder.path("out.onnx"), &reduced()).unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(&*folder.path("model.onnx_data"))));
        assert_eq!(folder.names(), ["model.onnx", "model.onnx_data"]);
        std::fs::remove_file(folder.path("model.onnx_data")).unwrap();
    }

    // A hub cache: links among the snapshots, files among the blobs.
    let blobs = elsewhere.path("blobs");
    std::fs::create_dir(&blobs).unwrap();
    std::fs::remove_file(&model).unwrap();
    for (name, file) in [("model.onnx", &whole), ("model.onnx_data", &data)] {
        std::fs::copy(file, blobs.join(name)).unwrap();
        std::os::unix::fs::symlink(blobs.join(name), folder.path(name)).unwrap();
    }
    assert!(quantize(&model, &folder.path("out.onnx"), &reduced()).unwrap().layers > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The small parts of the file: graph and names lie at its beginning, numbers make up most of the rest.
    #[test]
    fn damaged_files_are_errors_or_models(
        damage in proptest::collection::vec((0_usize..20_000, any::<u8>()), 1..8),
        cut in proptest::option::of(0_usize..195_000),
    ) {
        let folder = Folder::new();
        let mut bytes = std::fs::read(source("bert-mean")).unwrap();
        for (at, byte) in damage {
            bytes[at] = byte;
        }
        bytes.truncate(cut.unwrap_or(bytes.len()).max(1));
        std::fs::write(folder.path("source.onnx"), bytes).unwrap();
        match quantize(&folder.path("source.onnx"), &folder.path("model.onnx"), &reduced()) {
            Ok(report) => prop_assert!(report.files.iter().all(|file| file.is_file())),
            Err(error) => {
                prop_assert!(error.file().is_some(), "{error}");
                prop_assert_eq!(folder.names(), ["source.onnx"]);
            }
        }
    }
}
