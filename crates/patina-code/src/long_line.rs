//! A line that costs more than a piece may.

use std::ops::Range;

/// Parts of about equal length, as bytes of the line: cut after a space where there is one nearby, and never within a
/// character. Only the cost of the whole line is known; a part is taken to have its share by bytes, and a tenth of the budget
/// is left for parts that have more.
pub(crate) fn parts_of(line: &str, cost: u64, budget: u64) -> Vec<Range<usize>> {
    let longest = (u128::from(budget) * 9 * line.len() as u128 / (u128::from(cost) * 10)).max(1) as usize;
    let mut parts = Vec::new();
    let mut start = 0;
    while line.len() - start > longest {
        let rest = line.len() - start;
        let even = rest.div_ceil(rest.div_ceil(longest));
        let wanted = line.floor_char_boundary(start + even);
        let space = line[start..wanted].rfind(' ').map(|space| start + space + 1);
        let mut end = space.filter(|&space| space - start >= even / 2).unwrap_or(wanted);
        if end <= start {
            end = line.ceil_char_boundary(start + 1);
        }
        parts.push(start..end);
        start = end;
    }
    if start < line.len() {
        parts.push(start..line.len());
    }
    parts
}
