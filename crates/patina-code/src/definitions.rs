//! Cutting a text along its outline.

use std::ops::Range;

use crate::cutter::Cutter;
use crate::lines::Lines;
use crate::outline::{Definition, Outline};

/// Gives a cutter all lines of a text: definitions that fit whole, the members of those that do not one by one, and the
/// others to be cut. Lines between them are loose.
pub(crate) fn add_definitions(cutter: &mut Cutter, lines: &Lines, outline: &Outline, budget: u64) {
    let definitions = &outline.definitions;
    // Those around `line` that are cut at their members, outermost first.
    let mut open: Vec<usize> = Vec::new();
    let mut line = 0;
    for (index, definition) in definitions.iter().enumerate() {
        let own = lines_of(definition, lines.len());
        // Within one that has been added, or on the line that another ends on.
        if own.end <= line {
            continue;
        }
        let range = own.start.max(line)..own.end;
        while let Some(&around) = open.last() {
            let end = lines_of(&definitions[around], lines.len()).end;
            if end > range.start {
                break;
            }
            cutter.loose(line..end, Some(around));
            line = end;
            open.pop();
        }
        cutter.loose(line..range.start, open.last().copied());
        line = range.start;
        if lines.cost(lines.filled(range.clone())) <= budget {
            cutter.whole(range.clone(), open.last().copied());
            line = range.end;
        } else if definition.kind.has_members()
            && definitions.get(index + 1).is_some_and(|next| next.parent == Some(index))
        {
            open.push(index);
        } else {
            cutter.too_large(range.clone(), index);
            line = range.end;
        }
    }
    while let Some(around) = open.pop() {
        let end = lines_of(&definitions[around], lines.len()).end.max(line);
        cutter.loose(line..end, Some(around));
        line = end;
    }
    cutter.loose(line..lines.len(), None);
}

/// A definition's lines, from 0, within those there are.
fn lines_of(definition: &Definition, count: usize) -> Range<usize> {
    let end = (definition.end_line as usize).min(count);
    (definition.start_line as usize - 1).min(end)..end
}
