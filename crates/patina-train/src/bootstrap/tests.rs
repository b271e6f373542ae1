//! The bounds against scipy's: over a distribution that is given, and over random ones of both.

#![allow(clippy::expect_used, clippy::float_cmp, clippy::doc_markdown, reason = "tests")]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{IntervalMethod, bounds, resampled_means};
use crate::normal::{cumulative, quantile};

/// In standard errors of the mean. A share p of N draws errs by sqrt(p (1 - p) / N) / density: of a normal distribution at 2.5 %
/// and N = 50,000, by 0.012; BCa's bias, which enters twice, by 0.006. Scipy's own, of 200,000, adds a quarter of the variance:
/// 0.018 in all, of which this is five times.
const SAMPLING: f64 = 0.09;

#[derive(Deserialize)]
struct Goldens {
    bootstrap: Vec<Case>,
    normal_quantiles: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Case {
    differences: Vec<f64>,
    distribution: Vec<f64>,
    /// By "method confidence".
    of_distribution: BTreeMap<String, (f64, f64)>,
    of_200000: BTreeMap<String, (f64, f64)>,
    standard_error: f64,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../../../../fixtures/metrics/statistics.json")).expect("the fixture can be read")
}

fn read(key: &str) -> (IntervalMethod, f64) {
    let (method, confidence) = key.split_once(' ').expect("a key has a method and a confidence");
    let method = match method {
        "percentile" => IntervalMethod::Percentile,
        "bca" => IntervalMethod::Bca,
        other => panic!("the fixture has an unknown method {other}"),
    };
    (method, confidence.parse().expect("a confidence is a number"))
}

#[test]
fn bounds_over_a_given_distribution_are_scipys() {
    for (number, case) in goldens().bootstrap.into_iter().enumerate() {
        let mut means = case.distribution;
        means.sort_unstable_by(f64::total_cmp);
        assert_eq!(case.of_distribution.len(), 4);
        for (key, (low, high)) in case.of_distribution {
            let (method, confidence) = read(&key);
            let found = bounds(&case.differences, &means, confidence, method).expect("it is defined");
            // Both compute the same in float64; percentiles of values below 1 lose a few units of its last digit.
            assert!((found.low - low).abs() < 1e-12, "case {number}, {key}: {} is not {low}", found.low);
            assert!((found.high - high).abs() < 1e-12, "case {number}, {key}: {} is not {high}", found.high);
        }
    }
}

#[test]
fn bounds_over_own_resamples_are_scipys_within_the_error_of_sampling() {
    for (number, case) in goldens().bootstrap.into_iter().enumerate() {
        let means = resampled_means(&case.differences, 50_000, 11);
        for (key, (low, high)) in case.of_200000 {
            let (method, confidence) = read(&key);
            let found = bounds(&case.differences, &means, confidence, method).expect("it is defined");
            let tolerance = SAMPLING * case.standard_error;
            assert!((found.low - low).abs() < tolerance, "case {number}, {key}: {} is not {low}", found.low);
            assert!((found.high - high).abs() < tolerance, "case {number}, {key}: {} is not {high}", found.high);
        }
    }
}

#[test]
fn bca_and_percentile_are_told_apart_by_that_tolerance() {
    let skewed = &goldens().bootstrap[1];
    let (bca, percentile) = (skewed.of_200000["bca 0.95"], skewed.of_200000["percentile 0.95"]);
    assert!((bca.1 - percentile.1).abs() > SAMPLING * skewed.standard_error);
}

#[test]
fn quantiles_of_the_normal_distribution_are_scipys() {
    for (p, expected) in goldens().normal_quantiles {
        let found = quantile(p);
        // Both promise about 1e-15 relative; beside 1 the share itself is that coarse.
        assert!((found - expected).abs() < 1e-13 * expected.abs().max(1.0), "{p}: {found} is not {expected}");
        assert!((cumulative(found) - p).abs() < 1e-14, "{p} does not come back");
    }
    assert_eq!(quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(quantile(1.0), f64::INFINITY);
}

#[test]
fn bca_that_is_not_defined_says_so() {
    let error = bounds(&[0.0, 1.0], &[0.7, 0.8, 0.9], 0.95, IntervalMethod::Bca).expect_err("all lie above 0.5");
    assert!(error.to_string().contains("percentile method"), "{error}");
}
