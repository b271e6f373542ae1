//! A text as lines with what each costs.

use std::ops::Range;

/// The lines of a text and their costs.
pub(crate) struct Lines<'text> {
    /// As `text.split('\n')` has them, without the empty one after a last line break.
    pub all: Vec<&'text str>,
    /// Where each starts.
    starts: Vec<usize>,
    /// Up to each line; of all at the end.
    total: Vec<u64>,
    blank: Vec<bool>,
}

impl<'text> Lines<'text> {
    /// The lines of a text; `None` where there are not as many costs.
    pub fn new(text: &'text str, costs: &[u32]) -> Option<Self> {
        let mut lines: Vec<&str> = text.split('\n').collect();
        let with_last = lines.len();
        if lines.last().is_some_and(|last| last.is_empty()) {
            lines.pop();
        }
        if costs.len() != lines.len() && costs.len() != with_last {
            return None;
        }
        let blank: Vec<bool> = lines.iter().map(|line| is_blank(line)).collect();
        let mut total = vec![0];
        let mut sum = 0;
        for (index, &cost) in costs.iter().take(lines.len()).enumerate() {
            // What is free could fill a piece with a million lines.
            sum += u64::from(if blank[index] { cost } else { cost.max(1) });
            total.push(sum);
        }
        let starts = lines.iter().scan(0, |next, line| {
            let start = *next;
            *next += line.len() + 1;
            Some(start)
        });
        let starts = starts.collect();
        Some(Self { all: lines, starts, total, blank })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// What lines cost together.
    pub fn cost(&self, lines: Range<usize>) -> u64 {
        self.total[lines.end].saturating_sub(self.total[lines.start])
    }

    /// Whether a line is blank.
    pub fn is_blank(&self, index: usize) -> bool {
        self.blank[index]
    }

    /// The range without blank lines at its ends; empty where all are.
    pub fn filled(&self, lines: Range<usize>) -> Range<usize> {
        let start = lines.clone().find(|&line| !self.blank[line]).unwrap_or(lines.end);
        let end = (start..lines.end).rev().find(|&line| !self.blank[line]).map_or(start, |line| line + 1);
        start..end
    }

    /// The text of lines.
    pub fn text(&self, lines: Range<usize>) -> String {
        self.all[lines].join("\n")
    }

    /// Where a line starts in the text, in bytes; the end of the text for the line after the last.
    pub fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(usize::MAX)
    }
}

/// Whether a line has nothing but white space.
pub(crate) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}
