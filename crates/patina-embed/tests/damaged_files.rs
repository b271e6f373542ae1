//! Damaged files of every kind are errors or models, never a crash, a hang or an error that is the engine's own.
//!
//! A child process opens one damaged model after the other; what ends it, or takes too long, is found by its parent,
//! which names the case. `PATINA_FUZZ_SECONDS` is how long, 10 unless set; `PATINA_FUZZ_SEED` starts with a case again.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::BufRead;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ErrorKind, FileRole};
use support::damage::{Random, damage};
use support::{Scratch, golden, options, replace, spec};

/// One model of each family and kind of file, with the goldens' file that describes it.
const MODELS: [(&str, &str); 7] = [
    ("bert-mean", "golden.json"),
    ("bert-mean", "golden-int8.json"),
    ("bert-cls", "golden.json"),
    ("nomic-mean", "golden.json"),
    ("qwen3-plain", "golden.json"),
    ("qwen3-gqa", "golden.json"),
    ("xlmr-mean", "golden.json"),
];

/// What a child may have, in kilobytes of address space: a file that asks for more is to be an error too.
const MEMORY: u64 = 16 << 20;

/// Cases after which a child is replaced: what one leaves behind in the process does not pile up.
const CASES_A_CHILD: u64 = 40;

/// A case takes some milliseconds; one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn damaged_files_are_errors_or_models() {
    let end = Instant::now() + Duration::from_secs(setting("PATINA_FUZZ_SECONDS").unwrap_or(10));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut seed = setting("PATINA_FUZZ_SEED").unwrap_or(now * 1_000_000);
    let first = seed;
    let scratch = Scratch::new("damaged");
    while Instant::now() < end {
        run_child(seed, scratch.path());
        seed += CASES_A_CHILD;
    }
    println!("{} cases from PATINA_FUZZ_SEED={first}", seed - first);
}

/// Runs the cases from `seed` on in a process of their own, which prints the seed of each before it starts with it.
fn run_child(seed: u64, folder: &Path) {
    let complaints = folder.join("stderr");
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY}; ulimit -c 0; exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child", "--nocapture"])
        .env("PATINA_FUZZ_CHILD", seed.to_string())
        .env("PATINA_FUZZ_FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&complaints).unwrap())
        .spawn()
        .unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        for line in output.lines() {
            // Nobody listens any more once a case has hung.
            let _ = sender.send(line.unwrap());
        }
    });
    let mut case = seed.to_string();
    let ending = loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => case = line.strip_prefix("case ").map_or(case, str::to_owned),
            Err(RecvTimeoutError::Disconnected) => break child.wait().unwrap().to_string(),
            Err(RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                child.wait().unwrap();
                break format!("not over after {PATIENCE:?}");
            }
        }
    };
    reader.join().unwrap();
    let said = std::fs::read_to_string(&complaints).unwrap();
    assert!(ending == "exit status: 0", "case {case}: {ending}; again with PATINA_FUZZ_SEED={case}\n{said}");
}

/// Not a test of its own: what the test above runs in other processes.
#[test]
#[ignore = "run by damaged_files_are_errors_or_models"]
fn child() {
    let (Some(first), Ok(folder)) = (setting("PATINA_FUZZ_CHILD"), std::env::var("PATINA_FUZZ_FOLDER")) else { return };
    let folder = Path::new(&folder);
    for seed in first..first + CASES_A_CHILD {
        println!("case {seed}");
        case(seed, folder);
    }
}

/// Opens a model with one file damaged and, where that works, embeds with it.
fn case(seed: u64, folder: &Path) {
    let mut random = Random::new(seed);
    let (model, goldens) = MODELS[random.below(MODELS.len())];
    let mut spec = spec(model, &golden(model, goldens));
    let role = [FileRole::Tokenizer, FileRole::Config, FileRole::Weights, FileRole::Weights][random.below(4)];
    let whole = spec.files.iter().find(|file| file.role == role).unwrap().path.clone();
    let mut bytes = std::fs::read(&whole).unwrap();
    damage(&mut bytes, &mut random);
    if role == FileRole::Weights {
        // Data is looked for beside the graph.
        for file in spec.files.iter_mut().filter(|file| file.role == FileRole::ExternalData) {
            let beside = folder.join(file.path.file_name().unwrap());
            std::fs::copy(&file.path, &beside).unwrap();
            file.path = beside;
        }
    }
    let path = folder.join(whole.file_name().unwrap());
    std::fs::write(&path, bytes).unwrap();
    replace(&mut spec, role, path);
    let outcome = Engine::open(spec, &EngineOptions { threads: Some(1), ..options() })
        .and_then(|engine| engine.embed_batch(&["", "the river 42 banks", "é 中文 🚀"], &EmbedOptions::default()));
    match outcome {
        Ok(vectors) => assert!(vectors.data().iter().all(|number| number.is_finite()), "case {seed}: not finite"),
        Err(error) => assert!(error.kind() != ErrorKind::Internal, "case {seed}, {role:?} of {model}: {error}"),
    }
}
