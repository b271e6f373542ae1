//! Metrics of a run and the comparison of two, each on a thread of its own.

use std::collections::BTreeMap;

use napi::Env;
use napi::bindgen_prelude::{Float64Array, Int32Array, Object};
use napi_derive::napi;
use patina_train::{CompareOptions, Comparison, IntervalMethod, Scores, compare, score};

use crate::engine::caught;
use crate::numbers::{LARGEST_WHOLE, is_whole};
use crate::outcome::NativeError;
use crate::shutdown::{Task, run_aside};

/// What a search found for one query.
#[napi(object)]
pub struct NativeRanking {
    /// The query's id.
    pub query: String,
    /// `[found]`, ids, in any order.
    pub documents: Vec<String>,
    /// `[found]`
    pub scores: Float64Array,
}

/// What was judged for one query.
#[napi(object)]
pub struct NativeJudged {
    /// The query's id.
    pub query: String,
    /// `[judged]`, ids, in any order.
    pub documents: Vec<String>,
    /// `[judged]`
    pub grades: Int32Array,
}

/// The values of one metric.
#[napi(object)]
pub struct NativeMetricScores {
    /// As it was asked for.
    pub metric: String,
    /// Of `values`.
    pub mean: f64,
    /// `[queries]`
    pub values: Float64Array,
}

/// The end of scoring a run: the scores, or the error.
#[napi(object)]
#[derive(Default)]
pub struct ScoreOutcome {
    /// Set where it could not be scored.
    pub error: Option<NativeError>,
    /// The judged queries, in the order of values.
    pub queries: Vec<String>,
    /// In the order in which they were asked for.
    pub metrics: Vec<NativeMetricScores>,
    /// Queries of the run that nobody judged.
    pub unjudged: Vec<String>,
}

/// How two runs are compared; what is absent is as the core has it.
#[napi(object)]
pub struct NativeCompareOptions {
    /// Decides every random number: a whole number from 0.
    pub seed: Option<f64>,
    /// Samples of the bootstrap and of the test.
    pub resamples: Option<f64>,
    /// The share of intervals that hold the true mean.
    pub confidence: Option<f64>,
    /// How the interval's bounds are read.
    #[napi(ts_type = "'percentile' | 'bca'")]
    pub method: Option<String>,
}

/// What the comparison of two runs found.
#[napi(object)]
pub struct NativeComparison {
    /// How many queries were compared.
    pub pairs: u32,
    /// Of the first run less the second.
    pub mean_difference: f64,
    /// Lower bound of the interval.
    pub low: f64,
    /// Upper bound of the interval.
    pub high: f64,
    /// The share of intervals that hold the true mean.
    pub confidence: f64,
    /// How the bounds were read.
    #[napi(ts_type = "'percentile' | 'bca'")]
    pub method: String,
    /// Of the two-sided randomisation test.
    pub p_value: f64,
    /// The p-value is a multiple of this, and never below it.
    pub resolution: f64,
    /// Whether all choices of signs were looked at.
    pub exact: bool,
}

/// The end of a comparison: what was found, or the error.
#[napi(object)]
pub struct CompareOutcome {
    /// Set where the runs could not be compared.
    pub error: Option<NativeError>,
    /// Set where they could.
    pub comparison: Option<NativeComparison>,
}

/// Scores a run by metrics such as `ndcg@10`.
#[napi(ts_return_type = "Promise<ScoreOutcome>")]
pub fn score_run(
    env: &Env,
    run: Vec<NativeRanking>,
    judgements: Vec<NativeJudged>,
    metrics: Vec<String>,
) -> napi::Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    // Typed arrays are JavaScript's, which may write to them while another thread reads: they are copied here.
    let run: Vec<_> = run.into_iter().map(|each| (each.query, each.documents, each.scores.to_vec())).collect();
    let judged: Vec<_> =
        judgements.into_iter().map(|each| (each.query, each.documents, each.grades.to_vec())).collect();
    let task = Task::begin(*env);
    run_aside(move || {
        let result = caught(|| Ok(score(&by_query("run", run)?, &by_query("judgements", judged)?, &metrics)?));
        deferred.resolve(move |_| {
            Ok(result.map_or_else(
                |error| ScoreOutcome { error: Some(error), ..ScoreOutcome::default() },
                ScoreOutcome::from,
            ))
        });
        drop(task);
    });
    Ok(promise)
}

/// Compares the values of two runs, where the same index belongs to the same query.
#[napi(ts_return_type = "Promise<CompareOutcome>")]
pub fn compare_scores(
    env: &Env,
    a: Float64Array,
    b: Float64Array,
    options: NativeCompareOptions,
) -> napi::Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    let (a, b) = (a.to_vec(), b.to_vec());
    let task = Task::begin(*env);
    run_aside(move || {
        let result = caught(|| Ok(compare(&a, &b, &options.normalize()?)?));
        deferred.resolve(move |_| {
            Ok(match result {
                Ok(found) => CompareOutcome { error: None, comparison: Some(found.into()) },
                Err(error) => CompareOutcome { error: Some(error), comparison: None },
            })
        });
        drop(task);
    });
    Ok(promise)
}

type Nested<T> = BTreeMap<String, BTreeMap<String, T>>;

/// The core's maps. Nothing is there twice: one of the two would be lost.
fn by_query<T>(what: &str, rows: Vec<(String, Vec<String>, Vec<T>)>) -> Result<Nested<T>, NativeError> {
    let mut all = Nested::new();
    for (query, documents, values) in rows {
        let (count, given) = (documents.len(), values.len());
        let found: BTreeMap<String, T> = documents.into_iter().zip(values).collect();
        if found.len() != count || count != given {
            return Err(NativeError::invalid(format!(
                "the {what} for query {query:?} has {count} documents, {} of them different, and {given} numbers; each \
                 document has to be there once, with one number",
                found.len()
            )));
        }
        if all.contains_key(&query) {
            return Err(NativeError::invalid(format!("the {what} has query {query:?} twice")));
        }
        all.insert(query, found);
    }
    Ok(all)
}

impl From<Scores> for ScoreOutcome {
    fn from(Scores { queries, metrics, unjudged }: Scores) -> Self {
        let metrics = metrics.into_iter().map(|scores| NativeMetricScores {
            metric: scores.metric.to_string(),
            mean: scores.mean,
            values: scores.values.into(),
        });
        Self { error: None, queries, metrics: metrics.collect(), unjudged }
    }
}

impl NativeCompareOptions {
    /// The core's own type.
    fn normalize(self) -> Result<CompareOptions, NativeError> {
        let defaults = CompareOptions::default();
        Ok(CompareOptions {
            seed: self
                .seed
                .map_or(Ok(defaults.seed), |seed| whole("seed", seed, LARGEST_WHOLE).map(|seed| seed as u64))?,
            resamples: self.resamples.map_or(Ok(defaults.resamples), |resamples| {
                whole("resamples", resamples, f64::from(u32::MAX)).map(|resamples| resamples as u32)
            })?,
            confidence: self.confidence.unwrap_or(defaults.confidence),
            method: match self.method.as_deref() {
                None => defaults.method,
                Some("percentile") => IntervalMethod::Percentile,
                Some("bca") => IntervalMethod::Bca,
                Some(other) => {
                    return Err(NativeError::invalid(format!("method has to be percentile or bca, not {other:?}")));
                }
            },
        })
    }
}

fn whole(name: &str, value: f64, most: f64) -> Result<f64, NativeError> {
    if is_whole(value, most) {
        return Ok(value);
    }
    Err(NativeError::invalid(format!("{name} has to be a whole number from 0 to {most}, not {value}")))
}

impl From<Comparison> for NativeComparison {
    fn from(Comparison { pairs, mean_difference, interval, test }: Comparison) -> Self {
        Self {
            pairs: pairs as u32,
            mean_difference,
            low: interval.low,
            high: interval.high,
            confidence: interval.confidence,
            method: match interval.method {
                IntervalMethod::Percentile => "percentile",
                IntervalMethod::Bca => "bca",
            }
            .to_owned(),
            p_value: test.p_value,
            resolution: test.resolution,
            exact: test.exact,
        }
    }
}
