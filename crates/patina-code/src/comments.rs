//! Comments and attributes above a definition, which belong to it, and what they say.

use std::ops::Range;

/// Comments and attributes that follow each other without a blank line.
pub(crate) struct Run {
    bytes: Range<usize>,
    comments: Vec<Range<usize>>,
}

impl Run {
    /// A run with one comment or attribute more, or a new one where it is further away. None for a comment at the end of a
    /// line of code, or one that speaks of what it is in (`//!`).
    pub fn with(run: Option<Self>, bytes: Range<usize>, is_comment: bool, text: &str) -> Option<Self> {
        let own = text.get(bytes.clone())?;
        if own.starts_with("//!") || own.starts_with("/*!") {
            return None;
        }
        let mut run = match run.filter(|run| run.reaches(bytes.start, text)) {
            Some(run) => run,
            None if is_comment && !begins_line(bytes.start, text) => return None,
            None => Self { bytes: bytes.clone(), comments: Vec::new() },
        };
        // Some comments of line end with its break.
        run.bytes.end = bytes.start + own.trim_end().len();
        if is_comment {
            run.comments.push(bytes.start..run.bytes.end);
        }
        Some(run)
    }

    /// Whether what starts there follows on the same line or the next.
    pub fn reaches(&self, start: usize, text: &str) -> bool {
        let between = text.get(self.bytes.end..start);
        between.is_some_and(|between| between.trim().is_empty() && between.matches('\n').count() <= 1)
    }

    /// Where it starts, and its comments.
    pub fn into_parts(self) -> (usize, Vec<Range<usize>>) {
        (self.bytes.start, self.comments)
    }
}

fn begins_line(start: usize, text: &str) -> bool {
    text.get(..start)
        .is_some_and(|before| before.trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|last| last == '\n'))
}

/// What comments say that `documents` takes for documentation, without their marks.
pub(crate) fn doc_of_comments(comments: &[Range<usize>], text: &str, documents: fn(&str) -> bool) -> String {
    let own = comments.iter().filter_map(|bytes| text.get(bytes.clone())).filter(|comment| documents(comment));
    let lines: Vec<&str> = own.flat_map(lines_of).collect();
    lines.join("\n").trim().to_owned()
}

/// The lines of a comment without the marks around and before them.
fn lines_of(comment: &str) -> Vec<&str> {
    let Some(block) = comment.strip_prefix("/*") else {
        let text = comment.trim_start_matches(['/', '#']);
        return vec![text.strip_prefix(' ').unwrap_or(text).trim_end()];
    };
    let block = block.strip_suffix("*/").unwrap_or(block);
    block.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect()
}
