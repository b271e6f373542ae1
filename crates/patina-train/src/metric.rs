//! The names of metrics: a measure, and how many results of a ranking it looks at.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What is measured about the ranking of one query. In the formulas results are counted from 1 in the order of
/// [`Run`](crate::Run); `k` is the cutoff, `R` the number of documents that are judged with a grade above 0, the relevant ones.
/// A document without a judgement counts as grade 0. Where `R` is 0, every measure is 0, as in `trec_eval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Normalised discounted cumulative gain: `DCG / ideal DCG`, `DCG = Σ grade(i) / log2(i + 1)` over the first `k`, grades
    /// below 0 as 0; the ideal ranking has all judged documents by grade. With linear gains as in Järvelin and Kekäläinen,
    /// "Cumulated gain-based evaluation of IR techniques", 2002; `trec_eval`'s `ndcg_cut` and `ndcg`.
    Ndcg,
    /// Reciprocal rank of the first relevant document, 0 where it lies behind `k`; `trec_eval`'s `recip_rank`, which has no
    /// cutoff. The mean over queries is the MRR.
    Mrr,
    /// Relevant documents among the first `k`, divided by `R`; `trec_eval`'s `recall`.
    Recall,
    /// Relevant documents among the first `k`, divided by `k` even where there are fewer results; `trec_eval`'s `P`.
    Precision,
    /// Average precision: the precision at each relevant document among the first `k`, summed up and divided by `R`;
    /// `trec_eval`'s `map_cut` and `map`.
    Map,
    /// 1 where a relevant document is among the first `k`, else 0; `trec_eval`'s `success`.
    HitRate,
}

impl Measure {
    /// All measures, in the order in which they are named to people.
    pub const ALL: [Self; 6] = [Self::Ndcg, Self::Mrr, Self::Recall, Self::Precision, Self::Map, Self::HitRate];

    /// As it is spelled before `@`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndcg => "ndcg",
            Self::Mrr => "mrr",
            Self::Recall => "recall",
            Self::Precision => "precision",
            Self::Map => "map",
            Self::HitRate => "hit_rate",
        }
    }

    /// Whether it means something without a cutoff.
    #[must_use]
    pub fn takes_whole_ranking(self) -> bool {
        matches!(self, Self::Ndcg | Self::Mrr | Self::Map)
    }
}

/// A measure with its cutoff, as `ndcg@10` names it.
///
/// ```
/// use patina_train::{Measure, Metric};
///
/// let metric: Metric = "ndcg@10".parse()?;
/// assert_eq!(metric.measure(), Measure::Ndcg);
/// assert_eq!(metric.cutoff().map(|cutoff| cutoff.get()), Some(10));
/// assert_eq!(metric.to_string(), "ndcg@10");
/// let error = "ncdg@10".parse::<Metric>().unwrap_err();
/// assert!(error.to_string().contains("did you mean ndcg@10"));
/// # Ok::<(), patina_train::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Metric {
    measure: Measure,
    cutoff: Option<NonZeroU32>,
}

impl Metric {
    /// What is measured.
    #[must_use]
    pub fn measure(self) -> Measure {
        self.measure
    }

    /// How many results are looked at; `None` for all.
    #[must_use]
    pub fn cutoff(self) -> Option<NonZeroU32> {
        self.cutoff
    }
}

impl FromStr for Metric {
    type Err = Error;

    /// Reads `measure@k`, or `measure` alone where [`Measure::takes_whole_ranking`].
    ///
    /// # Errors
    ///
    /// For an unknown measure, naming the nearest; for a cutoff that is no whole number from 1 to 4,294,967,295, or is missing.
    fn from_str(text: &str) -> Result<Self> {
        let (name, cutoff) = text.split_once('@').map_or((text, None), |(name, cutoff)| (name, Some(cutoff)));
        let Some(measure) = Measure::ALL.into_iter().find(|measure| measure.name() == name) else {
            return Err(unknown(text, name, cutoff));
        };
        let cutoff = match cutoff {
            None if measure.takes_whole_ranking() => None,
            None => return Err(Error::new(format!("the metric {name} needs a cutoff, as in {name}@10"))),
            Some(digits) => Some(read_cutoff(digits).ok_or_else(|| {
                Error::new(format!(
                    "the metric {text:?} has no cutoff that can be used: after @ stands a whole number from 1, as in {name}@10"
                ))
            })?),
        };
        Ok(Self { measure, cutoff })
    }
}

/// Digits alone: a metric is to have one spelling.
fn read_cutoff(digits: &str) -> Option<NonZeroU32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

fn unknown(text: &str, name: &str, cutoff: Option<&str>) -> Error {
    let name = name.to_lowercase();
    let known = Measure::ALL.map(Measure::name);
    let nearest = known.into_iter().min_by_key(|candidate| strsim::osa_distance(&name, candidate)).unwrap_or_default();
    // A cutoff that cannot be used is no part of a good suggestion.
    let cutoff = cutoff.filter(|digits| read_cutoff(digits).is_some()).map_or_else(String::new, |k| format!("@{k}"));
    let known = known.join(", ");
    Error::new(format!("no metric is called {text:?}; did you mean {nearest}{cutoff}? There are {known}, each with @k"))
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.measure.name())?;
        self.cutoff.map_or(Ok(()), |cutoff| write!(formatter, "@{cutoff}"))
    }
}
