//! Which neighbours share a piece: the cheapest grouping, by dynamic programming over the last cut.

use std::ops::Range;

/// What a bad boundary costs, in the measure in which a piece that is only half full costs 0.25.
const BOUNDARY_COST: f64 = 0.6;

/// Lines that stay together.
#[derive(Debug, Clone)]
pub(crate) struct Atom {
    /// The lines, from 0; blank ones after them are in none.
    pub lines: Range<usize>,
    /// What they cost, at most the budget.
    pub cost: u64,
    /// What the blank lines before them cost, where they are not the first of a piece.
    pub gap: u64,
    /// How well it can be cut before them, from 0 to 1.
    pub boundary: f64,
    /// Whether they are a definition.
    pub is_definition: bool,
}

/// Which groups there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// What a group may cost.
    pub budget: u64,
    /// Whether a definition may share its piece. One that fills half of a piece never does with another, nor with more
    /// than a tenth of a piece of anything else.
    pub merge: bool,
}

/// Ranges of atoms, in order, each of which is a piece.
pub(crate) fn group(atoms: &[Atom], rules: Rules) -> Vec<Range<usize>> {
    let mut cost = vec![0.0; atoms.len() + 1];
    let mut cut_at = vec![0; atoms.len() + 1];
    for to in 1..=atoms.len() {
        let mut best = f64::INFINITY;
        let mut group = Group::default();
        for from in (0..to).rev() {
            let atom = &atoms[from];
            group.add(atom);
            if from + 1 < to && !group.may_be(rules) {
                break;
            }
            let room = 1.0 - group.cost as f64 / rules.budget as f64;
            let boundary = if from == 0 { 0.0 } else { (1.0 - atom.boundary) * BOUNDARY_COST };
            let total = cost[from] + boundary + room * room;
            if total < best {
                best = total;
                cut_at[to] = from;
            }
            group.cost += atom.gap;
        }
        cost[to] = best;
    }
    let mut groups = Vec::new();
    let mut to = atoms.len();
    while to > 0 {
        groups.push(cut_at[to]..to);
        to = cut_at[to];
    }
    groups.reverse();
    groups
}

/// The atoms from some one on.
#[derive(Default)]
struct Group {
    cost: u64,
    definitions: usize,
    largest: u64,
    loose: u64,
}

impl Group {
    fn add(&mut self, atom: &Atom) {
        self.cost += atom.cost;
        if atom.is_definition {
            self.definitions += 1;
            self.largest = self.largest.max(atom.cost);
        } else {
            self.loose += atom.cost;
        }
    }

    /// Whether several atoms may be one piece. Once they may not, with more they may not either.
    fn may_be(&self, rules: Rules) -> bool {
        if self.cost > rules.budget {
            return false;
        }
        if !rules.merge {
            return self.definitions == 0;
        }
        let has_large = self.largest * 2 >= rules.budget;
        !has_large || (self.definitions == 1 && self.loose * 10 <= rules.budget)
    }
}
