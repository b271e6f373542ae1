//! Bootstrap intervals of a mean.

use crate::error::{Error, Result};
use crate::normal;
use crate::random::{Purpose, Random};
use crate::sums::{mean, rounding};

/// How the bounds are read from the resampled means (Efron and Tibshirani, "An introduction to the bootstrap", 1993).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IntervalMethod {
    /// Their percentiles, interpolated between neighbours (chapter 13).
    Percentile,
    /// Their percentiles, shifted by the bias of the resamples and the skewness of the values (chapter 14): nearer to what the
    /// interval promises where a few queries differ by much.
    #[default]
    Bca,
}

/// Where the mean difference lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// The share of such intervals that hold the true mean, as [`CompareOptions::confidence`](crate::CompareOptions) asked for.
    pub confidence: f64,
    /// How the bounds were read.
    pub method: IntervalMethod,
}

/// The interval of the mean of `values`, over the means of `resamples` samples with replacement.
#[expect(clippy::float_cmp, reason = "equal values are asked for, not near ones")]
pub(crate) fn interval(
    values: &[f64],
    resamples: u32,
    seed: u64,
    confidence: f64,
    method: IntervalMethod,
) -> Result<Interval> {
    let first = values[0];
    if values.iter().all(|&value| value == first) {
        // Every sample is the same one; its mean is taken as it is, without the rounding of a sum.
        return Ok(Interval { low: first, high: first, confidence, method });
    }
    bounds(values, &resampled_means(values, resamples, seed), confidence, method)
}

/// The means of samples of `values` with replacement, sorted.
fn resampled_means(values: &[f64], resamples: u32, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed, Purpose::Bootstrap);
    let size = values.len() as u64;
    let mut mean_of_sample = |_| {
        let sum: f64 = (0..size).map(|_| values[random.below(size) as usize]).sum();
        sum / size as f64
    };
    let mut means: Vec<f64> = (0..resamples).map(&mut mean_of_sample).collect();
    means.sort_unstable_by(f64::total_cmp);
    means
}

/// The bounds that belong to `means`, sorted, of samples of `values`.
fn bounds(values: &[f64], means: &[f64], confidence: f64, method: IntervalMethod) -> Result<Interval> {
    let tail = (1.0 - confidence) / 2.0;
    let [low, high] = match method {
        IntervalMethod::Percentile => [tail, 1.0 - tail],
        IntervalMethod::Bca => shifted([tail, 1.0 - tail], values, means)?,
    };
    Ok(Interval { low: percentile(means, low), high: percentile(means, high), confidence, method })
}

/// Linear between the two nearest, of which the first is at 0 and the last at 1.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    below + (above - below) * position.fract()
}

/// The shares that `BCa` reads in place of `shares` (equations 14.9 to 14.15 in Efron and Tibshirani).
fn shifted(shares: [f64; 2], values: &[f64], means: &[f64]) -> Result<[f64; 2]> {
    let centre = mean(values);
    let equal = rounding(values) / values.len() as f64;
    let below = means.partition_point(|&mean| mean < centre - equal);
    let not_above = means.partition_point(|&mean| mean <= centre + equal);
    // Of what is equal, half counts as below: with few values much is.
    let bias = normal::quantile((below + not_above) as f64 / 2.0 / means.len() as f64);

    // The jackknife's estimates of a mean differ from their own mean as the values do, but for a factor that cancels out.
    let deviations = || values.iter().map(|value| value - centre);
    let square: f64 = deviations().map(|deviation| deviation * deviation).sum();
    let cube: f64 = deviations().map(|deviation| deviation * deviation * deviation).sum();
    let acceleration = cube / (6.0 * square * square.sqrt());

    let mut result = shares;
    for share in &mut result {
        let step = bias + normal::quantile(*share);
        let slowed = 1.0 - acceleration * step;
        // A bias of infinity, or a bound beyond the point where the correction turns round.
        if !bias.is_finite() || slowed <= 0.0 {
            return Err(Error::new(format!(
                "the BCa interval is not defined over these {} resamples of {} differences: they are too one-sided; \
                 take more resamples, less confidence, or the percentile method",
                means.len(),
                values.len()
            )));
        }
        *share = normal::cumulative(bias + step / slowed);
    }
    Ok(result)
}

#[cfg(test)]
mod tests;
