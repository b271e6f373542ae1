//! A process may end while engines are open and compute: MLX's own threads and statics end with it. Each ending is tried in
//! processes of its own.
#![cfg(all(unix, feature = "mlx"))]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use patina_embed::{EmbedOptions, EmbeddingEngine};
use support::open;

/// What the child ends with, which no crash gives.
const CODE: i32 = 7;

/// Processes for each ending: one that crashes now and then is to be seen.
const CHILDREN: usize = 10;

fn ends(how: &str) {
    for round in 0..CHILDREN {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child", "--nocapture"])
            .env("PATINA_EXIT", how)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Ends with the process.
        let mut output = child.stdout.take().unwrap();
        let (sender, ended) = channel();
        let reader = std::thread::spawn(move || {
            output.read_to_end(&mut Vec::new()).unwrap();
            sender.send(()).unwrap_or_default();
        });
        let is_over = ended.recv_timeout(Duration::from_mins(1)).is_ok();
        if !is_over {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        reader.join().unwrap();
        assert!(is_over && status.code() == Some(CODE), "{how}, process {round}: {status}, in time: {is_over}");
    }
}

#[test]
fn a_process_ends_with_an_engine_at_rest() {
    ends("rest");
}

#[test]
fn a_process_ends_while_engines_compute() {
    ends("compute");
}

#[test]
fn a_process_ends_while_an_engine_opens() {
    ends("open");
}

/// Not a test of its own: what the tests above run in other processes.
#[test]
#[ignore = "run by the tests above"]
fn child() {
    let Ok(how) = std::env::var("PATINA_EXIT") else { return };
    let (started, first) = channel();
    let engines = ["bert-mean", "qwen3-mlx4"].map(open);
    for engine in &engines {
        if how == "compute" {
            let started = started.clone();
            // Whoever listened is gone once the process ends.
            let progress = Box::new(move |_| started.send(()).unwrap_or_default());
            engine.submit(vec!["river ".repeat(120); 2_000], &EmbedOptions::default(), Some(progress), |_| {});
        } else {
            engine.embed("the river").unwrap();
        }
    }
    if how == "compute" {
        first.recv().unwrap();
        first.recv().unwrap();
    }
    if how == "open" {
        std::thread::spawn(move || {
            started.send(()).unwrap();
            loop {
                drop(open("qwen3-mlx4"));
            }
        });
        first.recv().unwrap();
    }
    std::process::exit(CODE);
}
