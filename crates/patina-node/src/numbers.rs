//! Whole numbers that JavaScript hands over as doubles.

/// The largest whole number up to which JavaScript has every one (`Number.MAX_SAFE_INTEGER`).
pub(crate) const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// Whether it is a whole number from 0 to `most`.
pub(crate) fn is_whole(value: f64, most: f64) -> bool {
    value.fract() == 0.0 && (0.0..=most).contains(&value)
}
