//! The choice over a table of machines, with the models of the shipped registry.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::error::ErrorKind;

const fn machine(os: &'static str, arch: &'static str, gibibytes: u64) -> MachineFacts {
    MachineFacts {
        os,
        arch,
        rosetta: false,
        memory: Some(gibibytes << 30),
        gpu_limit: None,
        nvidia: false,
        mlx_built: false,
        onnx_built: true,
    }
}

const fn mac(gibibytes: u64) -> MachineFacts {
    MachineFacts { mlx_built: true, ..machine("macos", "aarch64", gibibytes) }
}

const LINUX: MachineFacts = machine("linux", "x86_64", 32);
const ROSETTA: MachineFacts = MachineFacts { rosetta: true, ..machine("macos", "x86_64", 8) };
const CUDA: MachineFacts = MachineFacts { nvidia: true, ..machine("linux", "x86_64", 64) };

fn offer(model: &str, variant: &str, runtime: Runtime, weights: Option<u64>) -> Offer {
    Offer { model: model.to_owned(), variant: variant.to_owned(), runtime, weights }
}

fn of_runtimes(runtimes: &[Runtime]) -> Vec<Offer> {
    runtimes.iter().map(|&runtime| offer("", "", runtime, None)).collect()
}

/// What the shipped registry has, as large as it says.
#[cfg(feature = "registry")]
fn shipped() -> Vec<Offer> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../resources/models/registry.toml");
    let entries = crate::registry::read_registry(std::path::Path::new(file)).unwrap();
    let offers = entries.iter().flat_map(|entry| {
        entry.variants.iter().map(|variant| {
            let sizes = variant.files.iter().filter(|file| file.role == FileRole::Weights).map(|file| file.size);
            let weights = sizes.sum::<Option<u64>>().or(variant.weights_size);
            offer(&entry.key, &variant.name, variant.runtime, weights)
        })
    });
    offers.collect()
}

#[cfg(feature = "registry")]
fn decide(facts: &MachineFacts, model: &str, request: RuntimeRequest) -> Result<RuntimeDecision> {
    let (offers, others): (Vec<Offer>, Vec<Offer>) = shipped().into_iter().partition(|offer| offer.model == model);
    choose_runtime(facts, &offers, &others, request)
}

/// Of a model on a machine: what `auto`, `onnx` and `mlx` come to. `o`, `m`: that runtime; `s`: refused for its size;
/// `b`: refused since machine or build do not run it.
#[cfg(feature = "registry")]
#[test]
fn every_machine_and_model_comes_to_what_it_can_run() {
    const MODELS: [&str; 4] = ["e5-base-v2", "qwen3-embedding-0.6b", "qwen3-embedding-4b", "qwen3-embedding-8b"];
    let table: [(&str, MachineFacts, [&str; 4]); 10] = [
        ("M1, 8 GB", mac(8), ["mom", "mom", "msm", "sss"]),
        ("M2 Max, 64 GB", mac(64), ["mom", "mom", "mom", "mom"]),
        ("M3 Ultra, 192 GB", mac(192), ["mom", "mom", "mom", "mom"]),
        ("Intel Mac, 16 GB", machine("macos", "x86_64", 16), ["oob", "oob", "oob", "ssb"]),
        ("Linux x64, 32 GB", LINUX, ["oob", "oob", "oob", "ssb"]),
        ("Linux ARM, 8 GB", machine("linux", "aarch64", 8), ["oob", "oob", "ssb", "ssb"]),
        ("Linux with CUDA, 64 GB", CUDA, ["oob", "oob", "oob", "oob"]),
        ("Linux x64 with MLX, 32 GB", MachineFacts { mlx_built: true, ..LINUX }, ["oom", "oom", "oom", "ssm"]),
        ("Windows, 16 GB", machine("windows", "x86_64", 16), ["oob", "oob", "oob", "ssb"]),
        ("Rosetta, 8 GB", ROSETTA, ["oob", "oob", "ssb", "ssb"]),
    ];
    let requests = [RuntimeRequest::Auto, RuntimeRequest::Only(Runtime::Onnx), RuntimeRequest::Only(Runtime::Mlx)];
    for (name, facts, expected) in table {
        for (model, expected) in MODELS.into_iter().zip(expected) {
            let came: String = requests.iter().map(|&request| letter(decide(&facts, model, request))).collect();
            assert_eq!(came, expected, "{model} on {name}, as auto, onnx and mlx");
        }
    }
}

#[cfg(feature = "registry")]
fn letter(outcome: Result<RuntimeDecision>) -> char {
    match outcome {
        Ok(decision) => {
            assert!(!decision.reasons.is_empty());
            if decision.runtime == Runtime::Onnx { 'o' } else { 'm' }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::RuntimeUnavailable);
            assert!(error.message().contains("`patina doctor`"), "{error}");
            if error.message().contains("it needs about") {
                return 's';
            }
            assert!(error.message().contains("no MLX engine") || error.message().contains("Rosetta"), "{error}");
            'b'
        }
    }
}

#[cfg(feature = "registry")]
#[test]
fn what_is_too_large_is_refused_with_the_numbers_and_the_alternatives() {
    let error = decide(&mac(8), "qwen3-embedding-8b", RuntimeRequest::Auto).unwrap_err();
    let numbers = "q4 does not fit: it needs about 5.8 GB (4.3 GB of weights, 1.6 GB to work in), and the GPU of this \
                   machine has 5.7 GB; not onnx: fp32 does not fit: it needs about 38.3 GB";
    assert!(error.message().contains(numbers), "{error}");
    let instead = ". What fits: qwen3-embedding-0.6b fp32 (onnx, about 3.5 GB), qwen3-embedding-4b q4 (mlx, about \
                   3.3 GB), nomic-embed-text-v1.5 fp32 (onnx, about 1.2 GB);";
    assert!(error.message().contains(instead), "{error}");
}

#[test]
fn another_variant_of_the_same_model_is_named_first() {
    let asked = [offer("large", "bf16", Runtime::Mlx, Some(9_000_000_000))];
    let others = [
        offer("other", "fp32", Runtime::Mlx, Some(2_000_000_000)),
        offer("large", "q8", Runtime::Mlx, None),
        offer("large", "q4", Runtime::Mlx, Some(1_000_000_000)),
        offer("huge", "q4", Runtime::Mlx, Some(50_000_000_000)),
    ];
    let error = choose_runtime(&mac(8), &asked, &others, RuntimeRequest::Only(Runtime::Mlx)).unwrap_err();
    let instead = "What fits: large q4 (mlx, about 1.8 GB), other fp32 (mlx, about 3.0 GB);";
    assert!(error.message().contains(instead), "{error}");
    let error = choose_runtime(&mac(8), &asked, &others[3..], RuntimeRequest::Auto).unwrap_err();
    assert!(error.message().contains("none of the known models is known to fit"), "{error}");
}

#[test]
fn a_variant_that_does_not_fit_is_left_out_and_one_of_unknown_size_is_not() {
    let offers = [
        offer("m", "bf16", Runtime::Mlx, Some(9_000_000_000)),
        offer("m", "q4", Runtime::Mlx, Some(2_000_000_000)),
        offer("m", "q8", Runtime::Mlx, None),
    ];
    let decision = choose_runtime(&mac(8), &offers, &[], RuntimeRequest::Auto).unwrap();
    let left: Vec<&str> = decision.too_large.iter().map(|files| files.variant.as_str()).collect();
    assert_eq!((decision.runtime, left), (Runtime::Mlx, vec!["bf16"]));
    let said = decision.reasons.join("\n");
    for words in
        ["not bf16: it needs about 11.8 GB", "q4 needs about 3.0 GB", "q8: how much memory it needs is not known"]
    {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_limit_that_the_owner_set_is_what_the_gpu_has() {
    let offers = [offer("m", "q4", Runtime::Mlx, Some(4_257_000_000))];
    let with = |gpu_limit| choose_runtime(&MachineFacts { gpu_limit, ..mac(8) }, &offers, &[], RuntimeRequest::Auto);
    assert!(with(None).is_err());
    assert_eq!(with(Some(6 << 30)).unwrap().runtime, Runtime::Mlx);
    // More than the machine has is no memory.
    let large = [offer("m", "fp16", Runtime::Mlx, Some(15_000_000_000))];
    let facts = MachineFacts { gpu_limit: Some(64 << 30), ..mac(8) };
    assert!(choose_runtime(&facts, &large, &[], RuntimeRequest::Auto).is_err());
    let unknown = MachineFacts { memory: None, ..mac(8) };
    let decision = choose_runtime(&unknown, &large, &[], RuntimeRequest::Auto).unwrap();
    assert!(decision.reasons.join("\n").contains("does not tell how much memory"), "{:?}", decision.reasons);
}

#[test]
fn an_explicit_wish_is_met_or_refused_with_the_reason_and_the_way_out() {
    let both = of_runtimes(&[Runtime::Onnx, Runtime::Mlx]);
    let only = |facts: &MachineFacts, offers: &[Offer], runtime| {
        choose_runtime(facts, offers, &[], RuntimeRequest::Only(runtime))
    };
    assert_eq!(only(&mac(8), &both, Runtime::Onnx).unwrap().runtime, Runtime::Onnx);
    let refused = [
        (LINUX, &both[..], "one with the feature mlx has, and computes on the CPU here"),
        (machine("macos", "x86_64", 16), &both, "it needs Apple Silicon"),
        (machine("windows", "x86_64", 16), &both, "it needs Apple Silicon"),
        (ROSETTA, &both, "a native arm64 Bun or Node would get MLX"),
        (MachineFacts { mlx_built: false, ..mac(8) }, &both, "one with the feature mlx has"),
        (mac(8), &both[..1], "there are no files for it, only for onnx"),
    ];
    for (facts, offers, reason) in refused {
        let error = only(&facts, offers, Runtime::Mlx).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RuntimeUnavailable);
        assert!(
            error.message().starts_with("runtime mlx was asked for and cannot be had for this machine: "),
            "{error}"
        );
        assert!(error.message().contains(reason), "{error}");
    }
}

#[test]
fn automatic_choice_follows_the_files_of_the_model_and_tells_what_it_passes_over() {
    let onnx = of_runtimes(&[Runtime::Onnx]);
    let reasons = |facts: &MachineFacts| {
        let decision = choose_runtime(facts, &onnx, &[], RuntimeRequest::Auto).unwrap();
        assert_eq!(decision.runtime, Runtime::Onnx);
        decision.reasons
    };
    let end = "onnx: the model has files for it and this build runs it";
    assert_eq!(reasons(&mac(8)), ["not mlx: there are no files for it, only for onnx", end]);
    assert_eq!(reasons(&LINUX), ["not mlx: automatic choice takes it on Apple Silicon only", end]);
    assert!(reasons(&ROSETTA)[0].contains("a native arm64 Bun or Node would get MLX"));
    assert!(reasons(&CUDA)[0].contains("an NVIDIA GPU is here, which no runtime of this build uses"));
    let mlx = of_runtimes(&[Runtime::Mlx]);
    let error = choose_runtime(&LINUX, &mlx, &[], RuntimeRequest::Auto).unwrap_err();
    assert!(error.message().contains("not onnx: there are no files for it, only for mlx"), "{error}");
}
