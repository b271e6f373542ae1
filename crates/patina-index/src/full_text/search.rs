//! BM25 over the lists of an index, in whole: every passage with any of the words is scored.

use super::file::IndexFile;
use super::lists::{Posting, Postings};
use crate::allowed::check_allowed;
use crate::error::Result;

/// How soon another occurrence of a word adds nothing, and how much a long passage loses: the customary values, which
/// `SQLite`'s FTS5 has as well.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What a word of a heading counts for, one of the body being 1: it says more about a passage. At 4 full-text alone has 0.414
/// and 0.462 on the two halves of three histories, at 2 0.405 and 0.454 (benchmarks/search/README.md).
const HEADING: f64 = 4.0;

/// The weight of a word that most passages have: above 0, so that what has it comes before what has no word at all.
const LEAST_WEIGHT: f64 = 1e-6;

/// A row and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// From 0.
    pub row: u32,
    /// BM25; higher is better.
    pub score: f64,
}

/// The scores of a search as they add up.
pub(super) struct Scores<'a> {
    file: &'a IndexFile,
    lengths: &'a [u8],
    allowed: Option<&'a [u8]>,
    passages: f64,
    average: f64,
    by_row: Vec<f64>,
    found: Vec<u32>,
}

impl<'a> Scores<'a> {
    pub fn new(file: &'a IndexFile, allowed: Option<&'a [u8]>) -> Result<Self> {
        let head = file.head();
        check_allowed(allowed, head.rows as usize)?;
        Ok(Self {
            file,
            lengths: file.lengths(),
            allowed,
            passages: head.passages as f64,
            average: head.words as f64 / (head.passages as f64).max(1.0),
            by_row: vec![0.0; head.rows as usize],
            found: Vec::new(),
        })
    }

    /// Adds what a term is worth that is sought so many times.
    pub fn add_term(&mut self, term: usize, times: u32) -> Result<()> {
        let entry = self.file.entry(term);
        let postings = Postings::of(self.file.postings(term)?);
        self.add(entry.passages, times, postings).ok_or_else(|| self.file.damaged(term, "list"))
    }

    /// Adds what something that so many passages have is worth; none where a row is not in the index.
    pub fn add(&mut self, passages: u32, times: u32, postings: impl Iterator<Item = Posting>) -> Option<()> {
        let rarity = ((self.passages - f64::from(passages) + 0.5) / (f64::from(passages) + 0.5)).ln();
        let weight = rarity.max(LEAST_WEIGHT) * f64::from(times);
        for Posting { row, heading, body } in postings {
            let length = IndexFile::length(self.lengths, row)?.checked_sub(1)?;
            if self.allowed.is_some_and(|allowed| allowed[row as usize] == 0) {
                continue;
            }
            let count = HEADING * f64::from(heading) + f64::from(body);
            let norm = K1 * (1.0 - B + B * f64::from(length) / self.average);
            let score = &mut self.by_row[row as usize];
            if *score == 0.0 {
                self.found.push(row);
            }
            *score += weight * (count * (K1 + 1.0)) / (count + norm);
        }
        Some(())
    }

    /// The best `k`, best first, equal scores by row.
    pub fn best(self, k: usize) -> Vec<Match> {
        let mut found: Vec<Match> =
            self.found.iter().map(|&row| Match { row, score: self.by_row[row as usize] }).collect();
        let order = |a: &Match, b: &Match| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row));
        if found.len() > k {
            found.select_nth_unstable_by(k, order);
            found.truncate(k);
        }
        found.sort_unstable_by(order);
        found
    }
}
