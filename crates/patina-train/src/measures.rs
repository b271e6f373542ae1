//! The formulas of the measures; [`Measure`] says where they come from.

use crate::metric::{Measure, Metric};
use crate::ranking::Ranking;

/// The value of `metric`, from 0 to 1.
pub(crate) fn value(metric: Metric, ranking: &Ranking) -> f64 {
    let relevant = ranking.ideal.len() as f64;
    if ranking.ideal.is_empty() {
        return 0.0;
    }
    let cutoff = metric.cutoff().map_or(usize::MAX, |cutoff| cutoff.get() as usize);
    let seen = &ranking.grades[..ranking.grades.len().min(cutoff)];
    let found = || seen.iter().filter(|&&grade| grade > 0).count() as f64;
    match metric.measure() {
        Measure::Ndcg => gain(seen) / gain(&ranking.ideal[..ranking.ideal.len().min(cutoff)]),
        Measure::Mrr => seen.iter().position(|&grade| grade > 0).map_or(0.0, |index| 1.0 / (index + 1) as f64),
        Measure::Recall => found() / relevant,
        // A name of this measure has a cutoff.
        Measure::Precision => found() / cutoff as f64,
        Measure::Map => precisions(seen) / relevant,
        Measure::HitRate => f64::from(found() > 0.0),
    }
}

/// Discounted cumulative gain.
fn gain(grades: &[u32]) -> f64 {
    let discounted = |(index, &grade): (usize, &u32)| match grade {
        0 => 0.0,
        grade => f64::from(grade) / libm::log2((index + 2) as f64),
    };
    grades.iter().enumerate().map(discounted).sum()
}

/// The sum of the precisions at each relevant document.
fn precisions(grades: &[u32]) -> f64 {
    let ranks = grades.iter().enumerate().filter(|&(_, &grade)| grade > 0).map(|(index, _)| index + 1);
    ranks.enumerate().map(|(before, rank)| (before + 1) as f64 / rank as f64).sum()
}
