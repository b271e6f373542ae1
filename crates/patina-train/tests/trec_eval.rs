//! Metrics against `trec_eval`'s values, and what is refused.

#![allow(missing_docs, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use patina_train::{Judgements, Measure, Metric, Run, score};
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    run: Run,
    judgements: Judgements,
    /// By metric and query.
    expected: BTreeMap<String, BTreeMap<String, f64>>,
}

fn cases() -> BTreeMap<String, Case> {
    let goldens: Goldens =
        serde_json::from_str(include_str!("../../../fixtures/metrics/scores.json")).expect("the fixture can be read");
    goldens.cases
}

#[test]
fn every_metric_of_every_query_is_trec_evals() {
    let cases = cases();
    assert_eq!(cases.len(), 6);
    for (name, case) in cases {
        let metrics: Vec<&String> = case.expected.keys().collect();
        assert_eq!(metrics.len(), 33);
        let scores = score(&case.run, &case.judgements, &metrics).expect("it can be scored");
        assert_eq!(scores.queries, case.judgements.keys().cloned().collect::<Vec<_>>());
        for found in scores.metrics {
            let expected = &case.expected[&found.metric.to_string()];
            for ((query, value), expected) in scores.queries.iter().zip(&found.values).zip(expected.values()) {
                // trec_eval computes in float64 as well; only the order of its sums differs.
                let metric = found.metric;
                assert!((value - expected).abs() < 1e-12, "{name}, {query}, {metric}: {value} is not {expected}");
            }
            let mean = expected.values().sum::<f64>() / expected.len() as f64;
            assert!(
                (found.mean - mean).abs() < 1e-12,
                "{name}, mean of {}: {} is not {mean}",
                found.metric,
                found.mean
            );
        }
    }
}

#[test]
fn the_fixtures_tell_the_tie_rule_from_others() {
    let cases = cases();
    let map =
        |case: &Case, run: &Run| score(run, &case.judgements, &["map"]).expect("it can be scored").metrics[0].mean;
    for name in ["ties", "all-equal", "edges"] {
        let case = &cases[name];
        // Scores that end ties the other way round: by document id, the first one first.
        let other: Run = case
            .run
            .iter()
            .map(|(query, found)| {
                let turned =
                    found.iter().enumerate().map(|(place, (id, score))| (id.clone(), score - 1e-4 * place as f64));
                (query.clone(), turned.collect())
            })
            .collect();
        assert!((map(case, &case.run) - map(case, &other)).abs() > 1e-3, "{name}");
    }
}

#[test]
fn queries_that_nobody_judged_are_named() {
    let edges = &cases()["edges"];
    let scores = score(&edges.run, &edges.judgements, &["mrr"]).expect("it can be scored");
    assert_eq!(scores.unjudged, ["not-judged"]);
}

#[test]
fn every_measure_has_one_spelling() {
    for measure in Measure::ALL {
        let name = format!("{}@10", measure.name());
        let metric: Metric = name.parse().expect("it is known");
        assert_eq!((metric.to_string(), metric.measure()), (name, measure));
        assert_eq!(measure.name().parse::<Metric>().is_ok(), measure.takes_whole_ranking());
    }
}

#[test]
fn what_is_no_metric_is_refused_with_the_way_out() {
    for (name, expected) in [
        ("nDCG@10", "did you mean ndcg@10?"),
        ("ncdg", "did you mean ndcg?"),
        ("hitrate@5", "did you mean hit_rate@5?"),
        ("precison@0", "did you mean precision?"),
        ("", "did you mean mrr?"),
        ("recall", "the metric recall needs a cutoff, as in recall@10"),
        ("recall@", "whole number from 1"),
        ("ndcg@0", "whole number from 1"),
        ("ndcg@+5", "whole number from 1"),
        ("ndcg@010", "whole number from 1"),
        ("ndcg@4294967296", "whole number from 1"),
        ("ndcg@10@5", "whole number from 1"),
    ] {
        let error = name.parse::<Metric>().expect_err(name).to_string();
        assert!(error.contains(expected), "{name:?}: {error}");
    }
}

#[test]
fn runs_and_judgements_that_cannot_be_scored_are_refused() {
    let judgements = Judgements::from([("q".to_owned(), [("d".to_owned(), 1)].into())]);
    for bad in [f64::NAN, f64::INFINITY, 1e39] {
        let run = Run::from([("q".to_owned(), [("d".to_owned(), bad)].into())]);
        let error = score(&run, &judgements, &["mrr"]).expect_err("it is not finite").to_string();
        assert!(error.contains(r#"document "d" for query "q""#), "{error}");
    }
    let error = score(&Run::new(), &Judgements::new(), &["mrr"]).expect_err("there is nothing to score");
    assert!(error.to_string().contains("there are no judgements"), "{error}");
}
