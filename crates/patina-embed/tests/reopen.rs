//! Engines that come and go leave nothing behind. Alone in its process, whose memory it measures.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod support;

use patina_embed::{EmbeddingEngine, Engine};
use support::{golden, in_status, options, resident, spec};

/// What may be resident more after the second half of the cycles than after the first: the allocators' slack, which does
/// not grow with the number of cycles, measured at up to 3 MB. A session of this model that stayed would be 1 MB each.
const SLACK: u64 = 12 << 20;

/// `PATINA_LIFECYCLE_CYCLES` is how many, 100 unless set.
#[test]
fn opening_and_dropping_leaks_nothing() {
    let cycles = std::env::var("PATINA_LIFECYCLE_CYCLES").map_or(100, |value| value.parse().unwrap());
    let spec = spec("bert-mean", &golden("bert-mean", "golden.json"));
    let mut half = (0, 0);
    for cycle in 1..=cycles {
        let engine = Engine::open(spec.clone(), &options()).unwrap();
        assert_eq!(engine.embed("the river").unwrap().len(), 32);
        drop(engine);
        if cycle == cycles / 2 {
            half = (resident(), in_status("Threads"));
        }
    }
    let (half, threads) = half;
    let end = resident();
    println!("resident after {} cycles {half}, after {cycles} {end}", cycles / 2);
    assert!(end < half + SLACK, "{half} bytes after {} cycles, {end} after {cycles}", cycles / 2);
    assert_eq!(in_status("Threads"), threads, "threads after {cycles} cycles, and after {}", cycles / 2);
}
