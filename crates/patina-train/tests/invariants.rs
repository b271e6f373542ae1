//! What holds for every run, whatever its numbers.

#![allow(missing_docs, clippy::expect_used, clippy::float_cmp, reason = "tests")]

use std::collections::BTreeMap;

use patina_train::{CompareOptions, IntervalMethod, Judgements, Run, compare, score};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

const METRICS: [&str; 12] = [
    "ndcg",
    "ndcg@1",
    "ndcg@5",
    "mrr",
    "mrr@3",
    "recall@3",
    "recall@10",
    "precision@1",
    "precision@5",
    "map",
    "map@5",
    "hit_rate@3",
];

/// One query: few documents and few scores, so that ties, unjudged documents and empty rankings are common.
fn query() -> impl Strategy<Value = (BTreeMap<String, f64>, BTreeMap<String, i32>)> {
    let score = (-3_i8..=3).prop_map(f64::from);
    (btree_map("[a-h]", score, 0..8), btree_map("[a-k]", -1..=3_i32, 0..10))
}

fn scored(run: &BTreeMap<String, f64>, judged: &BTreeMap<String, i32>, metrics: &[&str]) -> Vec<f64> {
    let (run, judgements) =
        (Run::from([("q".to_owned(), run.clone())]), Judgements::from([("q".to_owned(), judged.clone())]));
    let scores = score(&run, &judgements, metrics).expect("it can be scored");
    scores.metrics.iter().map(|metric| metric.mean).collect()
}

fn options(method: IntervalMethod) -> CompareOptions {
    CompareOptions { resamples: 200, method, ..CompareOptions::default() }
}

proptest! {
    #[test]
    fn values_lie_from_0_to_1((run, judged) in query()) {
        for (metric, value) in METRICS.iter().zip(scored(&run, &judged, &METRICS)) {
            // A quotient of two sums of the same numbers in another order may end just above.
            prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{metric} is {value}");
        }
    }

    #[test]
    fn a_longer_look_finds_no_less((run, judged) in query(), cutoff in 1_u32..10) {
        for measure in ["mrr", "recall", "map", "hit_rate"] {
            let (near, far) = (format!("{measure}@{cutoff}"), format!("{measure}@{}", cutoff + 1));
            let values = scored(&run, &judged, &[near.as_str(), far.as_str()]);
            prop_assert!(values[0] <= values[1], "{near} is {} and {far} is {}", values[0], values[1]);
        }
    }

    #[test]
    fn only_the_order_of_scores_counts((run, judged) in query()) {
        let moved = run.iter().map(|(id, score)| (id.clone(), score * 8.0 - 5.0)).collect();
        prop_assert_eq!(scored(&run, &judged, &METRICS), scored(&moved, &judged, &METRICS));
    }

    #[test]
    fn judged_as_irrelevant_is_as_good_as_not_judged((run, judged) in query()) {
        let relevant = judged.iter().filter(|&(_, &grade)| grade > 0).map(|(id, &grade)| (id.clone(), grade)).collect();
        prop_assert_eq!(scored(&run, &judged, &METRICS), scored(&run, &relevant, &METRICS));
    }

    #[test]
    fn a_better_document_first_lowers_nothing((mut run, judged) in query()) {
        let before = scored(&run, &judged, &METRICS);
        let Some((best, _)) = judged.iter().filter(|&(_, &grade)| grade > 0).max_by_key(|&(_, &grade)| grade) else {
            return Ok(());
        };
        run.insert(best.clone(), 100.0);
        for ((metric, before), after) in METRICS.iter().zip(before).zip(scored(&run, &judged, &METRICS)) {
            // A relevant document that was inside a cutoff can only have pushed one out of it.
            prop_assert!(after >= before - 1e-12, "{metric} fell from {before} to {after}");
        }
    }

    #[test]
    fn turning_the_runs_turns_the_result(a in vec(0.0..1.0, 1..30), shift in vec(-0.5..0.5, 30)) {
        let b: Vec<f64> = a.iter().zip(&shift).map(|(a, shift)| a + shift).collect();
        let options = options(IntervalMethod::Percentile);
        let (there, back) = (compare(&a, &b, &options), compare(&b, &a, &options));
        let (there, back) = (there.expect("it can be compared"), back.expect("it can be compared"));
        prop_assert_eq!(there.mean_difference, -back.mean_difference);
        prop_assert_eq!(there.test, back.test);
        // The same samples are drawn, and their percentiles are mirrored but for rounding.
        prop_assert!((there.interval.low + back.interval.high).abs() < 1e-12);
        prop_assert!(there.interval.low <= there.interval.high);
        prop_assert!(there.test.p_value >= there.test.resolution && there.test.p_value <= 1.0);
    }

    #[test]
    fn an_exact_p_value_does_not_depend_on_the_order_of_queries(pairs in vec((0_u8..4, 0_u8..4), 1..8), turn in 0_usize..8) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(a, b)| (f64::from(a) / 3.0, f64::from(b) / 3.0)).unzip();
        let turned = |values: &[f64]| {
            let mut values = values.to_vec();
            values.rotate_left(turn % pairs.len());
            values
        };
        let options = options(IntervalMethod::Percentile);
        let (given, other) = (compare(&a, &b, &options), compare(&turned(&a), &turned(&b), &options));
        prop_assert_eq!(given.expect("it can be compared").test, other.expect("it can be compared").test);
    }
}
