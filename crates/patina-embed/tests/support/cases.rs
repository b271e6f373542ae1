//! Cases that may crash or hang, run in child processes: what ends a child, or takes too long, is found by its parent, which
//! names the case.

use std::io::BufRead;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Scratch;
use patina_embed::{EmbedOptions, EmbeddingEngine, Engine, EngineOptions, ErrorKind, FileRole, ModelSpec};

/// What a child may have, in kilobytes of address space: a file that asks for more is to be an error too.
const MEMORY: u64 = 16 << 20;

/// Cases after which a child is replaced: what one leaves behind in the process does not pile up.
const CASES_A_CHILD: u64 = 40;

/// A case takes some milliseconds; one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A number that the environment may give.
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// Runs [`CASES_A_CHILD`] cases from `seed` on in a process of their own, which tells of each before it starts with it. The
/// process is this one's executable, and runs the ignored test `child`, whose whole body is [`run_as_child`].
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
    let (mut case, mut what) = (seed.to_string(), String::new());
    let ending = loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                if let Some((seed, told)) = line.strip_prefix("case ").and_then(|told| told.split_once(": ")) {
                    (case, what) = (seed.to_owned(), told.to_owned());
                }
            }
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
    assert!(ending == "exit status: 0", "case {case} ({what}): {ending}; again with PATINA_FUZZ_SEED={case}\n{said}");
}

/// The seed that the environment names, or else another.
pub fn first_seed(otherwise: impl FnOnce() -> u64) -> u64 {
    setting("PATINA_FUZZ_SEED").unwrap_or_else(otherwise)
}

/// A seed that no run before had.
pub fn new_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() * 1_000_000
}

/// Runs children from the seed `first` on, for as long as `goes_on` says so of the number of cases that are done.
pub fn run_children(scratch: &str, first: u64, goes_on: impl Fn(u64) -> bool) {
    let scratch = Scratch::new(scratch);
    let mut done = 0;
    while goes_on(done) {
        run_child(first + done, scratch.path());
        done += CASES_A_CHILD;
    }
    println!("{done} cases from PATINA_FUZZ_SEED={first}");
}

/// Tells the parent what the case of a seed is, before it is started.
pub fn tell(seed: u64, what: &str) {
    println!("case {seed}: {what}");
}

/// Runs the cases that the parent asks for; none where there is no parent. Each has to [`tell`] what it is.
pub fn run_as_child(case: impl Fn(u64, &Path)) {
    let (Some(first), Ok(folder)) = (setting("PATINA_FUZZ_CHILD"), std::env::var("PATINA_FUZZ_FOLDER")) else { return };
    for seed in first..first + CASES_A_CHILD {
        case(seed, Path::new(&folder));
    }
}

/// Data is looked for beside the graph: copies it into the folder that the case's graph is in.
pub fn copy_data(spec: &mut ModelSpec, folder: &Path) {
    for file in spec.files.iter_mut().filter(|file| file.role == FileRole::ExternalData) {
        let beside = folder.join(file.path.file_name().unwrap());
        std::fs::copy(&file.path, &beside).unwrap();
        file.path = beside;
    }
}

/// Opens a damaged model and, where that works, embeds with it: what comes of it is finite, or an error of the files.
pub fn open_and_embed(seed: u64, spec: ModelSpec, options: &EngineOptions) {
    let outcome = Engine::open(spec, options)
        .and_then(|engine| engine.embed_batch(&["", "the river 42 banks", "é 中文 🚀"], &EmbedOptions::default()));
    match outcome {
        Ok(vectors) => assert!(vectors.data().iter().all(|number| number.is_finite()), "case {seed}: not finite"),
        Err(error) => assert!(error.kind() != ErrorKind::Internal, "case {seed}: {error}"),
    }
}
