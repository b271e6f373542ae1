//! How fast files are taken apart and cut, on one core: `cargo run --release -p patina-code --example speed -- PATH…`, files or
//! folders. A line costs a token for three bytes; a piece may have 250.
#![allow(clippy::unwrap_used, reason = "an example may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use patina_code::{CutOptions, TextForm, outline, passages};

#[derive(Default)]
struct Sum {
    files: usize,
    bytes: usize,
    definitions: usize,
    pieces: usize,
    refused: usize,
    outline: Duration,
    both: Duration,
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        found.push(path.to_owned());
        return;
    }
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let skipped = ["node_modules", "target", ".git"].iter().any(|&name| entry.file_name() == name);
        if !skipped && !entry.file_type().unwrap().is_symlink() {
            files(&entry.path(), found);
        }
    }
}

fn main() {
    let mut found = Vec::new();
    std::env::args().skip(1).for_each(|path| files(Path::new(&path), &mut found));
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for path in found {
        let form = TextForm::of_path(&path.to_string_lossy());
        let name = match form {
            TextForm::Code(language) => language.name(),
            TextForm::Markdown => "markdown",
            _ => continue,
        };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let sum = sums.entry(name).or_default();
        sum.files += 1;
        sum.bytes += text.len();
        if let TextForm::Code(language) = form {
            let start = Instant::now();
            match outline(language, &text) {
                Ok(outline) => sum.definitions += outline.definitions.len(),
                Err(error) => {
                    sum.refused += 1;
                    println!("{}: {error}", path.display());
                }
            }
            sum.outline += start.elapsed();
        }
        let costs: Vec<u32> = text.split('\n').map(|line| line.len().div_ceil(3) as u32).collect();
        let start = Instant::now();
        sum.pieces += passages(form, &text, &costs, CutOptions { budget: 250, merge: true }).unwrap().len();
        sum.both += start.elapsed();
    }
    println!("language    files     MB  definitions  pieces  refused  outline MB/s  cut MB/s");
    for (name, sum) in sums {
        let megabytes = sum.bytes as f64 / 1e6;
        println!(
            "{name:<10} {:>6} {megabytes:>6.2} {:>12} {:>7} {:>8} {:>13.1} {:>9.1}",
            sum.files,
            sum.definitions,
            sum.pieces,
            sum.refused,
            // Markdown has none.
            if sum.outline.is_zero() { 0.0 } else { megabytes / sum.outline.as_secs_f64() },
            megabytes / sum.both.as_secs_f64(),
        );
    }
}
