//! Sums in a fixed order, and how far rounding may have moved them.

/// The arithmetic mean; values have to be there.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// How far two sums over these values, whatever their order and signs, can be apart by rounding alone. Each of `n` additions
/// rounds by at most ε/2 of the sum of the magnitudes, in both sums. What is nearer counts as equal: scores repeat, and
/// sums that are equal on paper must not differ by the order in which they were taken.
pub(crate) fn rounding(values: &[f64]) -> f64 {
    values.len() as f64 * f64::EPSILON * values.iter().map(|value| value.abs()).sum::<f64>()
}
