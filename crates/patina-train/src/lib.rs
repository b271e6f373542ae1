//! How good a search is, and whether another one is better.
//!
//! [`score`] holds a [`Run`] against [`Judgements`] and gives, for each metric, a value per query and the mean over the
//! queries, equal to `trec_eval`'s. [`compare`] takes the values of two runs over the same queries and says how far apart they
//! are, with a bootstrap interval and the p-value of a randomisation test.
//!
//! ```
//! use patina_train::{CompareOptions, Judgements, Run, compare, score};
//!
//! let judgements: Judgements = [("why does it hang", "queue.rs", 2), ("why does it hang", "main.rs", 1)]
//!     .into_iter()
//!     .fold(Judgements::new(), |mut all, (query, document, grade)| {
//!         all.entry(query.to_owned()).or_default().insert(document.to_owned(), grade);
//!         all
//!     });
//! let run = |scores: [(&str, f64); 2]| -> Run {
//!     let ranking = scores.map(|(document, score)| (document.to_owned(), score));
//!     Run::from([("why does it hang".to_owned(), ranking.into())])
//! };
//! let metrics = ["ndcg@10", "mrr@10"];
//! let full_text = score(&run([("readme.md", 8.1), ("queue.rs", 3.5)]), &judgements, &metrics)?;
//! let vectors = score(&run([("queue.rs", 0.71), ("readme.md", 0.64)]), &judgements, &metrics)?;
//! assert_eq!(full_text.metrics[1].mean, 0.5);
//! assert_eq!(vectors.metrics[1].mean, 1.0);
//!
//! let comparison =
//!     compare(&vectors.metrics[0].values, &full_text.metrics[0].values, &CompareOptions::default())?;
//! assert!(comparison.mean_difference > 0.0);
//! assert_eq!(comparison.test.p_value, 1.0, "one query shows nothing");
//! # Ok::<(), patina_train::Error>(())
//! ```
//!
//! Everything is seeded, and nothing depends on the machine: random numbers come from `ChaCha8`, logarithms from `libm`, sums are
//! taken in a fixed order. Nothing here reads a file, the environment or a clock.

mod bootstrap;
mod compare;
mod error;
mod measures;
mod metric;
mod normal;
mod random;
mod randomization;
mod ranking;
mod score;
mod sums;

pub use bootstrap::{Interval, IntervalMethod};
pub use compare::{CompareOptions, Comparison, RESAMPLES, compare};
pub use error::{Error, Result};
pub use metric::{Measure, Metric};
pub use randomization::RandomizationTest;
pub use ranking::{Judgements, Run};
pub use score::{MetricScores, Scores, score};
