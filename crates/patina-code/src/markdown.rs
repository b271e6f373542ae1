//! Sections of a Markdown text: what stands between two headings of the first or second level.

use std::ops::Range;

use crate::boundaries::is_heading;
use crate::lines::is_blank;

/// A longer line is data: it would be a poor title.
const LONGEST_HEADING: usize = 300;

/// Lines under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// The headings it is under, outermost first, its own included: first and second level only, empty ones left out.
    pub headings: Vec<String>,
    /// Its lines, from 0; its own heading is in it.
    pub lines: Range<usize>,
}

/// Cuts Markdown at its first- and second-level headings. Every line is in exactly one section. A heading with nothing under
/// it is no section of its own: it opens the one that follows.
pub(crate) fn sections_of(lines: &[&str]) -> Vec<Section> {
    let content = front_matter_end(lines);
    let mut sections = Vec::new();
    let (mut title, mut headings) = (None, Vec::new());
    let (mut begin, mut looked_at, mut has_text) = (0, content, false);
    for (index, level, heading) in headings_of(lines, content) {
        // Each line is looked at once: a file of a hundred thousand headings would take minutes otherwise.
        has_text |= (looked_at..index).any(|line| is_text(lines, line));
        looked_at = index;
        if has_text {
            sections.push(Section { headings, lines: begin..index });
            begin = index;
            has_text = false;
        }
        headings = if level == 1 { Vec::new() } else { Vec::from_iter(title.clone()) };
        headings.push(heading.clone());
        headings.retain(|heading| !heading.is_empty());
        if level == 1 {
            title = Some(heading);
        }
    }
    if begin < lines.len() {
        sections.push(Section { headings, lines: begin..lines.len() });
    }
    sections
}

/// Line, level and text of each heading that counts.
fn headings_of(lines: &[&str], content: usize) -> Vec<(usize, u8, String)> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for (index, line) in lines.iter().enumerate().skip(content) {
        if let Some((mark, after)) = fence_of(line) {
            match fence {
                None => fence = Some(mark),
                Some(open) if mark.starts_with(open) && is_blank(after) => fence = None,
                Some(_) => {}
            }
        } else if fence.is_none()
            && let Some((level, heading)) = atx_heading(line).or_else(|| underlined_heading(lines, index))
        {
            found.push((index, level, heading));
        }
    }
    found
}

/// Index of the first line after the front matter; 0 where there is none.
fn front_matter_end(lines: &[&str]) -> usize {
    let Some(fence) = lines.first().map(|line| line.trim_end()).filter(|line| ["---", "+++"].contains(line)) else {
        return 0;
    };
    lines.iter().skip(1).position(|line| line.trim_end() == fence).map_or(0, |end| end + 2)
}

/// A line without the up to three spaces that Markdown allows before a mark.
fn unindented(line: &str) -> Option<&str> {
    let spaces = line.bytes().take_while(|&byte| byte == b' ').count();
    (spaces <= 3).then(|| &line[spaces..])
}

/// The marks of a line that opens or closes a block of code, and what follows them.
fn fence_of(line: &str) -> Option<(&str, &str)> {
    let line = unindented(line)?;
    let mark = ['`', '~'].into_iter().find(|&mark| line.starts_with(mark))?;
    let count = line.bytes().take_while(|&byte| byte == mark as u8).count();
    (count >= 3).then(|| line.split_at(count))
}

fn atx_heading(line: &str) -> Option<(u8, String)> {
    let line = unindented(line).filter(|line| line.len() <= LONGEST_HEADING)?.trim_end();
    let level = line.bytes().take_while(|&byte| byte == b'#').count();
    let rest = &line[level..];
    if !(1..=2).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    // Marks at the end close the heading, where white space is before them.
    let open = rest.trim_end_matches('#');
    let text = if open.len() < rest.len() && open.ends_with([' ', '\t']) { open } else { rest };
    Some((level as u8, text.trim().to_owned()))
}

/// The level of a line that only underlines.
fn underline(line: &str) -> Option<u8> {
    let marks = unindented(line)?.trim_end_matches([' ', '\t', '\r']);
    let all = |mark: char| !marks.is_empty() && marks.chars().all(|other| other == mark);
    if all('=') { Some(1) } else { all('-').then_some(2) }
}

/// A line that `===` or `---` underlines. Only after a blank line: a paragraph above a rule is no heading.
fn underlined_heading(lines: &[&str], index: usize) -> Option<(u8, String)> {
    let line = lines[index];
    let level = lines.get(index + 1).and_then(|next| underline(next))?;
    let alone = index == 0 || is_blank(lines[index - 1]);
    let is_title = alone && !is_blank(line) && line.len() <= LONGEST_HEADING && underline(line).is_none();
    is_title.then(|| (level, line.trim().to_owned()))
}

/// Whether a line is more than blank, a heading, or part of an underlined one.
fn is_text(lines: &[&str], index: usize) -> bool {
    let line = lines[index];
    let underlines = underline(line).is_some() || lines.get(index + 1).is_some_and(|next| underline(next).is_some());
    !is_blank(line) && !is_heading(line) && !underlines
}

#[cfg(test)]
mod tests;
