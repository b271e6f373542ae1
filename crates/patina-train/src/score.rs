//! A run held against judgements.

use crate::error::{Error, Result};
use crate::measures::value;
use crate::metric::Metric;
use crate::ranking::{Judgements, Ranking, Run};
use crate::sums::mean;

/// What [`score`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The judged queries, in the order of their bytes; those without a relevant document are among them and score 0.
    pub queries: Vec<String>,
    /// One for each metric that was asked for, in that order.
    pub metrics: Vec<MetricScores>,
    /// Queries of the run that nobody judged, which count nowhere.
    pub unjudged: Vec<String>,
}

/// The values of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricScores {
    /// Which.
    pub metric: Metric,
    /// `[queries]`, each from 0 to 1.
    pub values: Vec<f64>,
    /// Their arithmetic mean.
    pub mean: f64,
}

/// Scores `run` by `metrics` (see [`Metric`] for their names). Every judged query counts, as in `trec_eval -c`: one that the run
/// lacks scores 0, so two runs over the same judgements have values for the same queries.
///
/// # Errors
///
/// For an unknown metric, for judgements without a query, and for a score that is not finite in float32.
///
/// ```
/// use patina_train::{Judgements, Run, score};
///
/// let judgements = Judgements::from([
///     ("a".to_owned(), [("one".to_owned(), 1), ("two".to_owned(), 1)].into()),
///     ("b".to_owned(), [("two".to_owned(), 1)].into()),
/// ]);
/// let run = Run::from([("a".to_owned(), [("one".to_owned(), 0.5), ("six".to_owned(), 0.4)].into())]);
/// let scores = score(&run, &judgements, &["recall@10"])?;
/// assert_eq!(scores.queries, ["a", "b"]);
/// assert_eq!(scores.metrics[0].values, [0.5, 0.0]);
/// assert_eq!(scores.metrics[0].mean, 0.25);
/// # Ok::<(), patina_train::Error>(())
/// ```
pub fn score(run: &Run, judgements: &Judgements, metrics: &[impl AsRef<str>]) -> Result<Scores> {
    let metrics: Vec<Metric> = metrics.iter().map(|name| name.as_ref().parse()).collect::<Result<_>>()?;
    if judgements.is_empty() {
        return Err(Error::new("there are no judgements, so there is no query to score; give those of one at least"));
    }
    let rankings: Vec<Ranking> =
        judgements.iter().map(|(query, judged)| Ranking::new(query, run.get(query), judged)).collect::<Result<_>>()?;
    let scored = |metric: Metric| {
        let values: Vec<f64> = rankings.iter().map(|ranking| value(metric, ranking)).collect();
        MetricScores { metric, mean: mean(&values), values }
    };
    Ok(Scores {
        queries: judgements.keys().cloned().collect(),
        metrics: metrics.into_iter().map(scored).collect(),
        unjudged: run.keys().filter(|&query| !judgements.contains_key(query)).cloned().collect(),
    })
}
