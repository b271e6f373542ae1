//! The paired randomisation test.

use crate::random::{Purpose, Random};
use crate::sums::rounding;

/// The paired, two-sided randomisation test of the mean difference (Fisher; Smucker, Allan and Carterette, "A comparison of
/// statistical significance tests for information retrieval evaluation", 2007). Were both runs the same, each query's difference
/// could as well have the other sign; the p-value is the share of all choices of signs whose mean is as far from 0 as the one
/// that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomizationTest {
    /// The share, above 0 and at most 1.
    pub p_value: f64,
    /// The p-value is a multiple of this, and never below it: a smaller one could not have come out.
    pub resolution: f64,
    /// Whether all choices of signs were looked at. Else `resamples` random ones were, and the p-value is
    /// `(1 + as far) / (1 + resamples)`, which counts the one that was seen (Phipson and Smyth, "Permutation p-values should
    /// never be zero", 2010).
    pub exact: bool,
}

/// Tests the differences. All choices of signs are taken where they are at most `resamples`; a difference of 0 has no sign, and
/// turning all signs changes no distance, so n others have 2^(n-1).
pub(crate) fn test(differences: &[f64], resamples: u32, seed: u64) -> RandomizationTest {
    let differing: Vec<f64> = differences.iter().copied().filter(|&difference| difference != 0.0).collect();
    let enough = differing.iter().sum::<f64>().abs() - rounding(&differing);
    let (first, rest) = differing.split_first().map_or((0.0, [].as_slice()), |(&first, rest)| (first, rest));
    let choices = u32::try_from(rest.len()).ok().and_then(|signs| 1_u32.checked_shl(signs));
    if let Some(choices) = choices.filter(|&choices| choices <= resamples) {
        let resolution = 1.0 / f64::from(choices);
        return RandomizationTest {
            p_value: f64::from(as_far(first, rest, enough)) * resolution,
            resolution,
            exact: true,
        };
    }
    let mut random = Random::new(seed, Purpose::Randomization);
    let as_far = (0..resamples).filter(|_| sum_of_signed(&differing, &mut random).abs() >= enough).count() as f64;
    let resolution = 1.0 / (1.0 + f64::from(resamples));
    RandomizationTest { p_value: (1.0 + as_far) * resolution, resolution, exact: false }
}

/// How many choices of signs for `rest` bring `sum` to a distance of at least `enough` from 0.
fn as_far(sum: f64, rest: &[f64], enough: f64) -> u32 {
    match rest.split_first() {
        None => u32::from(sum.abs() >= enough),
        Some((next, rest)) => as_far(sum + next, rest, enough) + as_far(sum - next, rest, enough),
    }
}

/// The sum with a random sign for each, a bit of the source apiece.
fn sum_of_signed(differences: &[f64], random: &mut Random) -> f64 {
    let mut sum = 0.0;
    for block in differences.chunks(64) {
        let signs = random.bits();
        for (position, difference) in block.iter().enumerate() {
            sum += if signs >> position & 1 == 1 { -difference } else { *difference };
        }
    }
    sum
}
