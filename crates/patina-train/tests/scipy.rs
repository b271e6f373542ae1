//! The randomisation test against scipy's, and what `compare` refuses.

#![allow(missing_docs, clippy::expect_used, clippy::float_cmp, reason = "tests")]

use patina_train::{CompareOptions, Comparison, IntervalMethod, compare};
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    paired: Vec<Paired>,
    seeded: Vec<Seeded>,
}

#[derive(Deserialize)]
struct Paired {
    a: Vec<f64>,
    b: Vec<f64>,
    p: f64,
}

#[derive(Deserialize)]
struct Seeded {
    seed: u64,
    resamples: u32,
    differences: Vec<f64>,
    interval: (f64, f64),
    p: f64,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../../../fixtures/metrics/statistics.json")).expect("the fixture can be read")
}

fn paired() -> Vec<Paired> {
    goldens().paired
}

fn with_resamples(pair: &Paired, resamples: u32) -> Comparison {
    compare(&pair.a, &pair.b, &CompareOptions { resamples, ..CompareOptions::default() }).expect("they can be compared")
}

#[test]
fn p_values_over_all_signs_are_scipys() {
    for pair in paired() {
        let test = with_resamples(&pair, 1 << 17).test;
        assert!(test.exact);
        // A count of choices divided by how many there are: the same number, but for one rounding.
        assert!((test.p_value - pair.p).abs() < 1e-15, "{} is not {}", test.p_value, pair.p);
        let differing = pair.a.iter().zip(&pair.b).filter(|(a, b)| a != b).count() as i32;
        assert_eq!(test.resolution, 2.0_f64.powi(1 - differing));
    }
}

#[test]
fn p_values_over_random_signs_are_scipys_within_the_error_of_sampling() {
    const RESAMPLES: u32 = 30_000;
    let mut sampled = 0;
    for pair in paired().iter().filter(|pair| pair.a.len() > 16) {
        let test = with_resamples(pair, RESAMPLES).test;
        if test.exact {
            continue;
        }
        sampled += 1;
        // Five standard deviations of a share of that many draws, and the one that the correction adds.
        let tolerance = 5.0 * (pair.p * (1.0 - pair.p) / f64::from(RESAMPLES)).sqrt() + test.resolution;
        assert!((test.p_value - pair.p).abs() < tolerance, "{} is not {}", test.p_value, pair.p);
        assert_eq!(test.resolution, 1.0 / 30_001.0);
    }
    assert!(sampled > 0, "no case has too many pairs to take all signs");
}

#[test]
fn equal_runs_show_nothing() {
    let values = [0.1, 0.5, 0.9];
    let found = compare(&values, &values, &CompareOptions::default()).expect("they can be compared");
    assert_eq!((found.pairs, found.mean_difference, found.interval.low, found.interval.high), (3, 0.0, 0.0, 0.0));
    assert_eq!((found.test.p_value, found.test.resolution, found.test.exact), (1.0, 1.0, true));
}

#[test]
fn no_p_value_is_0() {
    let (a, b) = ([1.0; 40], [0.0; 40]);
    let found = compare(&a, &b, &CompareOptions::default()).expect("they can be compared");
    assert_eq!((found.test.p_value, found.test.exact), (1.0 / 10_001.0, false));
    assert_eq!((found.interval.low, found.interval.high), (1.0, 1.0));
}

#[test]
fn a_seed_decides_and_another_one_differs() {
    let pair = &paired()[3];
    for method in [IntervalMethod::Percentile, IntervalMethod::Bca] {
        let run = |seed| {
            let options = CompareOptions { seed, resamples: 1000, method, ..CompareOptions::default() };
            compare(&pair.a, &pair.b, &options).expect("they can be compared")
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3).interval, run(4).interval);
        assert_ne!(run(3).test, run(4).test);
    }
}

#[test]
fn a_seed_gives_what_its_definition_says() {
    let seeded = goldens().seeded;
    assert!(!seeded.is_empty());
    for Seeded { seed, resamples, differences, interval, p } in seeded {
        let method = IntervalMethod::Percentile;
        let options = CompareOptions { seed, resamples, method, ..CompareOptions::default() };
        let found = compare(&differences, &vec![0.0; differences.len()], &options).expect("they can be compared");
        // The same samples: percentiles of numbers below 1 differ by a few units of the last digit at most.
        assert!((found.interval.low - interval.0).abs() < 1e-15, "{} is not {}", found.interval.low, interval.0);
        assert!((found.interval.high - interval.1).abs() < 1e-15, "{} is not {}", found.interval.high, interval.1);
        assert!((found.test.p_value - p).abs() < 1e-15, "{} is not {p}", found.test.p_value);
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let error =
        |a: &[f64], b: &[f64], options: CompareOptions| compare(a, b, &options).expect_err("refused").to_string();
    let defaults = CompareOptions::default();
    assert!(error(&[1.0], &[1.0, 0.0], defaults).contains("1 and 2 values"));
    assert!(error(&[], &[], defaults).contains("no values"));
    assert!(error(&[0.0, 1.0], &[0.0, f64::NAN], defaults).contains("at index 1, 1 and NaN"));
    assert!(
        error(&[1.0], &[0.0], CompareOptions { resamples: 99, ..defaults }).contains("from 100 to 1000000, not 99")
    );
    for confidence in [0.0, 1.0, f64::NAN] {
        assert!(error(&[1.0], &[0.0], CompareOptions { confidence, ..defaults }).contains("between 0 and 1"));
    }
}
