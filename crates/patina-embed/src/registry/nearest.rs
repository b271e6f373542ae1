//! What somebody may have meant by a word that is not known.

/// The nearest of `candidates` to `word` by edit distance, if near enough to be a likely slip of the pen.
pub(super) fn nearest<'word>(word: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<&'word str> {
    let mut best = None;
    let mut distance = (word.encode_utf16().count() / 3).max(1) + 1;
    for candidate in candidates {
        let found = edit_distance(&word.to_lowercase(), &candidate.to_lowercase());
        if found < distance {
            (best, distance) = (Some(candidate), found);
        }
    }
    best
}

/// Optimal string alignment distance: insert, delete, replace, or swap two neighbours.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<u16>, Vec<u16>) = (a.encode_utf16().collect(), b.encode_utf16().collect());
    let mut before_previous = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for row in 1..=a.len() {
        let mut current = vec![row];
        for column in 1..=b.len() {
            let same = a[row - 1] == b[column - 1];
            let mut cost =
                (previous[column] + 1).min(current[column - 1] + 1).min(previous[column - 1] + usize::from(!same));
            if row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1] {
                let swapped: usize = before_previous[column - 2];
                cost = cost.min(swapped + 1);
            }
            current.push(cost);
        }
        before_previous = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}
