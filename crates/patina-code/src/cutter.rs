//! Collects lines into pieces: neighbours share one as far as it goes, what is too large is cut.

use std::ops::Range;

use crate::boundaries::{Boundary, definition_boundary};
use crate::grouping::{Atom, Rules, group};
use crate::lines::Lines;
use crate::long_line::parts_of;

/// Lines that an overlap has at most; it has a tenth of the budget at most, too.
const MOST_OVERLAP: usize = 3;

/// A piece before its text is made.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// Its lines, from 0, those that it repeats included. Neither the first nor the last is blank.
    pub lines: Range<usize>,
    /// The part of the one line that is too long.
    pub part: Option<Range<usize>>,
    /// How many lines at its start are those that the piece before it ends with.
    pub overlap: usize,
    /// The definition that its lines are a part of.
    pub owner: Option<usize>,
    /// Whether it goes on with the definition that the piece before it has the start of.
    goes_on: bool,
}

/// Takes lines in order and keeps those together that may share a piece.
pub(crate) struct Cutter<'lines, 'text> {
    lines: &'lines Lines<'text>,
    rules: Rules,
    boundary: Boundary,
    atoms: Vec<Atom>,
    /// Cost of the blank lines since the last atom.
    gap: u64,
    owner: Option<usize>,
    cuts: Vec<Cut>,
}

impl<'lines, 'text> Cutter<'lines, 'text> {
    /// A cutter whose loose lines are cut where `boundary` likes it.
    pub fn new(lines: &'lines Lines<'text>, rules: Rules, boundary: Boundary) -> Self {
        Self { lines, rules, boundary, atoms: Vec::new(), gap: 0, owner: None, cuts: Vec::new() }
    }

    /// Adds lines one by one; they belong to `owner` and share no piece with what belongs to another.
    pub fn loose(&mut self, range: Range<usize>, owner: Option<usize>) {
        self.own(owner);
        for line in range {
            let cost = self.lines.cost(line..line + 1);
            if self.lines.is_blank(line) {
                self.gap += cost;
            } else if cost > self.rules.budget {
                self.flush();
                self.long(line, cost);
            } else {
                let boundary = (self.boundary)(&self.lines.all, line);
                self.push(Atom { lines: line..line + 1, cost, gap: self.gap, boundary, is_definition: false });
            }
        }
    }

    /// Adds a definition that fits a piece.
    pub fn whole(&mut self, range: Range<usize>, owner: Option<usize>) {
        self.own(owner);
        let filled = self.lines.filled(range);
        if filled.is_empty() {
            return;
        }
        let boundary = definition_boundary(&self.lines.all, filled.start);
        let cost = self.lines.cost(filled.clone());
        self.push(Atom { lines: filled, cost, gap: self.gap, boundary, is_definition: true });
    }

    /// Adds a definition that fits no piece: pieces of its own, of which each repeats a little of the one before.
    pub fn too_large(&mut self, range: Range<usize>, definition: usize) {
        self.flush();
        let first = self.cuts.len();
        // Room for what is repeated.
        let budget = self.rules.budget;
        self.rules.budget = (budget - budget / 10).max(1);
        self.loose_within(range, budget, definition);
        self.flush();
        self.rules.budget = budget;
        for cut in self.cuts.iter_mut().skip(first + 1) {
            cut.goes_on = true;
        }
    }

    /// The pieces.
    pub fn finish(mut self) -> Vec<Cut> {
        self.flush();
        let budget = self.rules.budget;
        for index in 1..self.cuts.len() {
            let (before, after) = self.cuts.split_at_mut(index);
            let (Some(before), Some(cut)) = (before.last(), after.first_mut()) else { break };
            if !cut.goes_on || cut.part.is_some() || before.part.is_some() || before.lines.end != cut.lines.start {
                continue;
            }
            let fits = |start: usize| {
                self.lines.cost(start..cut.lines.end) <= budget
                    && self.lines.cost(start..cut.lines.start) * 10 <= budget
                    && start > before.lines.start
            };
            let mut start = cut.lines.start;
            while cut.lines.start - start < MOST_OVERLAP && start > 0 && fits(start - 1) {
                start -= 1;
            }
            let repeated = self.lines.filled(start..cut.lines.start);
            if has_words(&self.lines.all[repeated.clone()]) {
                cut.overlap = cut.lines.start - repeated.start;
                cut.lines.start = repeated.start;
            }
        }
        self.cuts
    }

    /// Lines that were measured against the whole budget: one may cost more than what is left of it.
    fn loose_within(&mut self, range: Range<usize>, budget: u64, owner: usize) {
        for line in range {
            let cost = self.lines.cost(line..line + 1);
            if cost > self.rules.budget && cost <= budget && !self.lines.is_blank(line) {
                self.flush();
                self.owner = Some(owner);
                self.push(Atom { lines: line..line + 1, cost, gap: 0, boundary: 1.0, is_definition: false });
                self.flush();
            } else {
                self.loose(line..line + 1, Some(owner));
            }
        }
    }

    fn own(&mut self, owner: Option<usize>) {
        if self.owner != owner {
            self.flush();
            self.owner = owner;
        }
    }

    fn push(&mut self, atom: Atom) {
        self.atoms.push(atom);
        self.gap = 0;
    }

    fn long(&mut self, line: usize, cost: u64) {
        for part in parts_of(self.lines.all[line], cost, self.rules.budget) {
            let (lines, owner) = (line..line + 1, self.owner);
            self.cuts.push(Cut { lines, part: Some(part), overlap: 0, owner, goes_on: false });
        }
    }

    /// Makes pieces of what has come together.
    fn flush(&mut self) {
        self.gap = 0;
        let atoms = std::mem::take(&mut self.atoms);
        for group in group(&atoms, self.rules) {
            let atoms = &atoms[group];
            let (Some(first), Some(last)) = (atoms.first(), atoms.last()) else { continue };
            let lines = first.lines.start..last.lines.end;
            if self.joins_last(&lines) {
                continue;
            }
            let owner = self.owner.filter(|_| atoms.iter().any(|atom| !atom.is_definition));
            self.cuts.push(Cut { lines, part: None, overlap: 0, owner, goes_on: false });
        }
    }

    /// Adds lines without a word, such as a last brace, to the piece before them where they fit.
    fn joins_last(&mut self, lines: &Range<usize>) -> bool {
        let wordless = !has_words(&self.lines.all[lines.clone()]);
        let Some(last) = self.cuts.last_mut().filter(|last| wordless && last.part.is_none()) else { return false };
        let joined = last.lines.start..lines.end;
        let fits = self.lines.cost(joined.clone()) <= self.rules.budget;
        let adjacent = self.lines.filled(last.lines.end..lines.start).is_empty();
        if fits && adjacent {
            last.lines = joined;
        }
        fits && adjacent
    }
}

fn has_words(lines: &[&str]) -> bool {
    lines.iter().any(|line| line.contains(char::is_alphanumeric))
}
