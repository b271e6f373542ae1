//! Where words stand one after the other.

use super::file::IndexFile;
use super::lists::{Posting, Postings, places, take_places};
use crate::error::Result;

/// The rows in whose body the terms stand one after the other, ascending, and how often they do.
pub(super) fn phrase(file: &IndexFile, terms: &[usize]) -> Result<Vec<Posting>> {
    let mut ends: Vec<(u32, Vec<u32>)> = Vec::new();
    for (number, &term) in terms.iter().enumerate() {
        let mut bytes = file.places(term)?;
        let rows =
            Postings::of(file.postings(term)?).map(|posting| (posting.row, take_places(&mut bytes, posting.body)));
        if number == 0 {
            ends = rows.map(|(row, bytes)| (row, places(bytes).collect())).collect();
            continue;
        }
        let mut before = std::mem::take(&mut ends).into_iter().peekable();
        for (row, bytes) in rows {
            while before.next_if(|(earlier, _)| *earlier < row).is_some() {}
            let Some((_, mut starts)) = before.next_if(|(same, _)| *same == row) else { continue };
            let here: Vec<u32> = places(bytes).collect();
            starts.retain_mut(|place| {
                *place += 1;
                here.binary_search(place).is_ok()
            });
            ends.push((row, starts));
        }
    }
    let found = ends.into_iter().filter(|(_, ends)| !ends.is_empty());
    Ok(found.map(|(row, ends)| Posting { row, heading: 0, body: ends.len() as u32 }).collect())
}
