//! What a search found and what people say of it, and the order that follows.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// By query and document, the score that a search gave. Documents rank by score, the highest first, and equal scores by document
/// id, the last in the order of bytes first. Both is `trec_eval`'s rule, and so is that scores are compared in float32: what
/// differs by less is equal.
pub type Run = BTreeMap<String, BTreeMap<String, f64>>;

/// By query and document, how relevant a person found it. Above 0 is relevant, and higher is more so; 0 and below is not.
pub type Judgements = BTreeMap<String, BTreeMap<String, i32>>;

/// One query's ranking, as far as measures look at it.
pub(crate) struct Ranking {
    /// The grade of each result, in order; what is not judged or below 0 is 0.
    pub grades: Vec<u32>,
    /// The grades of all relevant documents, found or not, highest first.
    pub ideal: Vec<u32>,
}

impl Ranking {
    /// Orders `found`, what the run has for `query`, and looks up `judged`.
    pub fn new(query: &str, found: Option<&BTreeMap<String, f64>>, judged: &BTreeMap<String, i32>) -> Result<Self> {
        let mut results = Vec::with_capacity(found.map_or(0, BTreeMap::len));
        for (document, &score) in found.into_iter().flatten() {
            let single = score as f32;
            if !single.is_finite() {
                return Err(Error::new(format!(
                    "the run's score of document {document:?} for query {query:?} is {score}; scores have to be finite in float32"
                )));
            }
            // Adding 0 makes -0 equal to 0, which the total order would tell apart.
            results.push((single + 0.0, document.as_str()));
        }
        results.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1)));
        let grade = |grade: i32| u32::try_from(grade).unwrap_or(0);
        let grades = results.iter().map(|(_, id)| judged.get(*id).map_or(0, |&value| grade(value))).collect();
        let mut ideal: Vec<u32> = judged.values().map(|&value| grade(value)).filter(|&value| value > 0).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Self { grades, ideal })
    }
}
