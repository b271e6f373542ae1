//! Where words stand one after the other.

use super::file::IndexFile;
use super::lists::{Posting, Postings, places, take_places};
use crate::error::Result;

/// The rows in whose body the terms stand one after the other, ascending, and how often they do.
pub(super) fn phrase(file: &IndexFile, terms: &[usize]) -> Result<Vec<Posting>> {
    // Places are read for rows that have all of them only: a path's first folder is in every passage of a repository.
    let rows = rows_with_all(file, terms)?;
    let mut ends: Vec<Vec<u32>> = Vec::with_capacity(rows.len());
    for (number, &term) in terms.iter().enumerate() {
        let mut bytes = file.places(term)?;
        let mut wanted = rows.iter().enumerate().peekable();
        for posting in Postings::of(file.postings(term)?) {
            let here = take_places(&mut bytes, posting.body);
            let Some((at, _)) = wanted.next_if(|(_, row)| **row == posting.row) else { continue };
            let here: Vec<u32> = places(here).collect();
            match ends.get_mut(at) {
                Some(ends) if number > 0 => ends.retain_mut(|place| {
                    *place = place.wrapping_add(1);
                    here.binary_search(place).is_ok()
                }),
                _ => ends.push(here),
            }
        }
    }
    let found = rows.into_iter().zip(ends).filter(|(_, ends)| !ends.is_empty());
    Ok(found.map(|(row, ends)| Posting { row, heading: 0, body: ends.len() as u32 }).collect())
}

/// The rows that have all the terms, ascending; the rarest term says which come into question.
fn rows_with_all(file: &IndexFile, terms: &[usize]) -> Result<Vec<u32>> {
    let mut terms = terms.to_vec();
    terms.sort_unstable_by_key(|&term| file.entry(term).passages);
    terms.dedup();
    let Some((&rarest, others)) = terms.split_first() else { return Ok(Vec::new()) };
    let mut rows: Vec<u32> = Postings::of(file.postings(rarest)?).map(|posting| posting.row).collect();
    for &term in others {
        let mut theirs = Postings::of(file.postings(term)?).map(|posting| posting.row).peekable();
        rows.retain(|row| {
            while theirs.next_if(|other| other < row).is_some() {}
            theirs.peek() == Some(row)
        });
    }
    Ok(rows)
}
