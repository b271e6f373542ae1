//! The words of new passages, as lists.

use std::collections::HashMap;

use super::lists::{List, Posting};
use super::words::{Terms, cut, parts, words};

/// What a term takes in memory beside the bytes of its lists and of its name, and what a word does: maps, boxes and unused room,
/// as measured over a million distinct words.
const TERM_BYTES: usize = 250;
const WORD_BYTES: usize = 50;

/// Lists of the passages that were added, by term.
#[derive(Default)]
pub(super) struct Collected {
    terms: Terms,
    /// By the word as it stands in a text, which saves folding and stemming it: texts repeat their words.
    by_word: HashMap<Box<str>, u32>,
    by_term: HashMap<Box<str>, u32>,
    lists: Vec<List>,
    /// What the passage that is read now has of each term, by the numbers of `by_term`.
    now: Vec<Now>,
    touched: Vec<u32>,
    /// Row and number of words of each passage, ascending by row.
    lengths: Vec<(u32, u32)>,
    /// In memory, nearly.
    bytes: usize,
}

#[derive(Clone, Copy, Default)]
struct Now {
    heading: u32,
    body: u32,
    last_place: u32,
}

impl Collected {
    /// Reads a passage. Its row has to be above those that were read before.
    pub fn add(&mut self, row: u32, heading: &str, body: &str) {
        let mut length = 0;
        for word in with_parts(heading) {
            let term = self.number_of(word);
            self.now[term].heading += 1;
            length += 1;
        }
        for (place, word) in with_parts(body).enumerate() {
            let term = self.number_of(word);
            let now = &mut self.now[term];
            now.body += 1;
            // Within the memory that a text takes there are fewer words than 32 bits count.
            self.bytes += self.lists[term].add_place(place as u32 - now.last_place);
            now.last_place = place as u32;
            length += 1;
        }
        for term in self.touched.drain(..) {
            let Now { heading, body, .. } = std::mem::take(&mut self.now[term as usize]);
            self.bytes += self.lists[term as usize].push(Posting { row, heading, body });
        }
        self.lengths.push((row, length));
    }

    /// The row that was read last.
    pub fn last_row(&self) -> Option<u32> {
        self.lengths.last().map(|&(row, _)| row)
    }

    /// Row and number of words of each passage, ascending by row.
    pub fn lengths(&self) -> &[(u32, u32)] {
        &self.lengths
    }

    /// The terms that a passage has, with their lists, ascending.
    pub fn sorted(&self) -> Vec<(&str, &List)> {
        let mut sorted: Vec<_> =
            self.by_term.iter().map(|(term, &number)| (&**term, &self.lists[number as usize])).collect();
        sorted.sort_unstable_by_key(|&(term, _)| term);
        sorted
    }

    /// Bytes that all of it takes, nearly.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn number_of(&mut self, word: &str) -> usize {
        let word = cut(word);
        let number = if let Some(&number) = self.by_word.get(word) {
            number
        } else {
            let term = self.terms.of(word);
            let next = self.lists.len() as u32;
            let bytes = term.len();
            let number = *self.by_term.entry(term.into_boxed_str()).or_insert(next);
            self.bytes += WORD_BYTES + word.len();
            if number == next {
                self.bytes += TERM_BYTES + bytes;
                self.lists.push(List::default());
                self.now.push(Now::default());
            }
            self.by_word.insert(word.into(), number);
            number
        };
        let now = &self.now[number as usize];
        if now.heading == 0 && now.body == 0 {
            self.touched.push(number);
        }
        number as usize
    }
}

/// The words of a text, and after them the parts of those that have parts.
fn with_parts(text: &str) -> impl Iterator<Item = &str> {
    words(text).chain(words(text).flat_map(parts))
}
