//! Two runs over the same queries.

use std::ops::RangeInclusive;

use crate::bootstrap::{Interval, IntervalMethod, interval};
use crate::error::{Error, Result};
use crate::randomization::{RandomizationTest, test};
use crate::sums::mean;

/// How many resamples there may be. Fewer have no 99 % interval, more take minutes and say nothing new.
pub const RESAMPLES: RangeInclusive<u32> = 100..=1_000_000;

/// How [`compare`] works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompareOptions {
    /// Decides every random number; the same seed gives the same result everywhere. Default: 0.
    pub seed: u64,
    /// Samples of the bootstrap, and random choices of signs of the test where there are too many to take all; within
    /// [`RESAMPLES`]. Default: 10,000, which puts the error of a p-value of 0.05 at 0.002.
    pub resamples: u32,
    /// The share of intervals that hold the true mean, between 0 and 1. Default: 0.95.
    pub confidence: f64,
    /// How the interval's bounds are read. Default: `BCa`.
    pub method: IntervalMethod,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { seed: 0, resamples: 10_000, confidence: 0.95, method: IntervalMethod::default() }
    }
}

/// What [`compare`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// How many queries were compared.
    pub pairs: usize,
    /// The mean of `a - b`: above 0 where `a` is better.
    pub mean_difference: f64,
    /// Where the mean of `a - b` lies over other queries of this kind.
    pub interval: Interval,
    /// Whether a mean so far from 0 could be chance.
    pub test: RandomizationTest,
}

/// Compares the values of two runs, where the same index belongs to the same query.
///
/// # Errors
///
/// Where there are no values, or not as many of one as of the other; for a value that is not finite; for options out of their
/// range; for `BCa` where it is not defined, which takes very few and one-sided values.
///
/// ```
/// use patina_train::{CompareOptions, compare};
///
/// let fused = [1.0, 0.63, 1.0, 0.5, 0.92, 0.71, 1.0, 0.43];
/// let text = [0.5, 0.63, 0.63, 0.39, 0.92, 0.5, 0.61, 0.43];
/// let comparison = compare(&fused, &text, &CompareOptions { seed: 7, ..CompareOptions::default() })?;
/// assert!((comparison.mean_difference - 0.1975).abs() < 1e-12);
/// assert!(comparison.interval.low > 0.0);
/// // Five queries differ, all in the same direction: 2 of 32 choices of signs are as far from 0.
/// assert_eq!((comparison.test.p_value, comparison.test.resolution), (1.0 / 16.0, 1.0 / 16.0));
/// # Ok::<(), patina_train::Error>(())
/// ```
pub fn compare(a: &[f64], b: &[f64], options: &CompareOptions) -> Result<Comparison> {
    check(a, b, options)?;
    let &CompareOptions { seed, resamples, confidence, method } = options;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    if let Some(index) = differences.iter().position(|difference| !difference.is_finite()) {
        let (a, b) = (a[index], b[index]);
        return Err(Error::new(format!("the difference of the values at index {index}, {a} and {b}, is not finite")));
    }
    Ok(Comparison {
        pairs: differences.len(),
        mean_difference: mean(&differences),
        interval: interval(&differences, resamples, seed, confidence, method)?,
        test: test(&differences, resamples, seed),
    })
}

fn check(a: &[f64], b: &[f64], options: &CompareOptions) -> Result<()> {
    if a.len() != b.len() {
        let (a, b) = (a.len(), b.len());
        return Err(Error::new(format!(
            "the runs have {a} and {b} values; score both against the same judgements, so that they pair up"
        )));
    }
    if a.is_empty() {
        return Err(Error::new(
            "there are no values to compare; score the runs against judgements of one query at least",
        ));
    }
    if !RESAMPLES.contains(&options.resamples) {
        let (least, most) = RESAMPLES.into_inner();
        return Err(Error::new(format!("resamples have to be from {least} to {most}, not {}", options.resamples)));
    }
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        return Err(Error::new(format!(
            "confidence has to lie between 0 and 1, as 0.95 does, not {}",
            options.confidence
        )));
    }
    Ok(())
}
