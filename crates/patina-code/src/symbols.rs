//! Which definitions a piece holds.

use crate::cutter::Cut;
use crate::lines::Lines;
use crate::outline::Outline;

/// Definitions by where they start.
pub(crate) struct Symbols<'outline> {
    outline: &'outline Outline,
    /// Start and index, by start.
    starts: Vec<(usize, usize)>,
}

impl<'outline> Symbols<'outline> {
    /// Sorts an outline's definitions.
    pub fn new(outline: &'outline Outline) -> Self {
        let mut starts: Vec<(usize, usize)> =
            outline.definitions.iter().enumerate().map(|(index, definition)| (definition.bytes.start, index)).collect();
        starts.sort_unstable();
        Self { outline, starts }
    }

    /// What a piece is a part of, and what starts in it; what it repeats counts for the piece before.
    pub fn of(&self, cut: &Cut, lines: &Lines) -> Vec<String> {
        let bytes = match &cut.part {
            Some(part) => lines.start(cut.lines.start) + part.start..lines.start(cut.lines.start) + part.end,
            None => lines.start(cut.lines.start + cut.overlap)..lines.start(cut.lines.end),
        };
        let first = self.starts.partition_point(|&(start, _)| start < bytes.start);
        let held = self.starts[first..].iter().take_while(|&&(start, _)| start < bytes.end).map(|&(_, index)| index);
        let around = cut.owner.into_iter().chain(cut.owner.and_then(|_| self.innermost_around(bytes.start, first)));
        let mut symbols = Vec::new();
        for index in around.chain(held) {
            let symbol = self.outline.symbol(index);
            if !symbols.contains(&symbol) {
                symbols.push(symbol);
            }
        }
        symbols
    }
    /// The innermost definition that is around a place, of which `first` starts there or after it.
    fn innermost_around(&self, place: usize, first: usize) -> Option<usize> {
        // Of deeper ones the outer definition is told.
        const DEEPEST: usize = 64;
        let (_, mut index) = *self.starts.get(first.checked_sub(1)?)?;
        for _ in 0..DEEPEST {
            let definition = &self.outline.definitions[index];
            if definition.bytes.end > place {
                return Some(index);
            }
            index = definition.parent?;
        }
        None
    }
}
