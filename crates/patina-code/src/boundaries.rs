//! How well a text can be cut before a line, by how the lines look: from 0 (badly) to 1 (there, if anywhere).

use crate::lines::is_blank;

/// Scores of cutting before a line.
pub(crate) type Boundary = fn(&[&str], usize) -> f64;

const CLOSING_WORDS: [&str; 10] = ["end", "fi", "done", "esac", "else", "elif", "catch", "finally", "except", "rescue"];
const LEADING: [&str; 8] = ["//", "/*", "*", "--", "@", "\"\"\"", "'''", "<!--"];

/// How many columns a line is indented; a tab counts for four.
fn indent_of(line: &str) -> usize {
    let spaces = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    spaces.map(|byte| if byte == b'\t' { 4 } else { 1 }).sum()
}

/// Whether a line closes what was open before it.
fn closes(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with([')', ']', '}', '>']) || line.starts_with("</") {
        return true;
    }
    let word = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
    CLOSING_WORDS.contains(&word)
}

/// Whether a line speaks of what follows it: a comment, a decorator, an attribute.
fn leads(line: &str) -> bool {
    let line = line.trim_start();
    let hash = line.strip_prefix('#').is_some_and(|rest| !rest.starts_with("include") && !rest.starts_with("define"));
    hash || line.starts_with(";;") || LEADING.iter().any(|mark| line.starts_with(mark))
}

/// Source code of any language: best before a definition at the margin, worse the deeper in, and never between a comment or
/// decorator and what it speaks of, or before what closes a block.
pub(crate) fn code_boundary(lines: &[&str], index: usize) -> f64 {
    let line = lines[index];
    let Some(before) = index.checked_sub(1).map(|before| lines[before]) else { return 1.0 };
    if is_blank(line) || closes(line) || (!is_blank(before) && leads(before)) {
        return 0.0;
    }
    let depth = indent_of(line).min(16) as f64 / 16.0;
    if is_blank(before) {
        return 1.0 - 0.6 * depth;
    }
    let stepped_out = indent_of(line) < indent_of(before) || closes(before);
    (if stepped_out { 0.5 } else { 0.25 }) * (1.0 - 0.6 * depth)
}

/// Before a definition, comments and all: nearly as good as after a blank line, whatever is before it.
pub(crate) fn definition_boundary(lines: &[&str], index: usize) -> f64 {
    let depth = indent_of(lines[index]).min(16) as f64 / 16.0;
    code_boundary(lines, index).max(0.8 - 0.4 * depth)
}

/// Markdown and other prose: before a heading, then between paragraphs, then between list items.
pub(crate) fn prose_boundary(lines: &[&str], index: usize) -> f64 {
    let line = lines[index];
    let before = index.checked_sub(1).map(|before| lines[before]);
    let after_blank = before.is_none_or(is_blank);
    if is_blank(line) {
        return 0.0;
    }
    if is_heading(line) {
        return 1.0;
    }
    let heading_above = after_blank && index >= 2 && is_heading(lines[index - 2]);
    if heading_above || before.is_some_and(is_heading) {
        return 0.0;
    }
    if after_blank {
        return if indent_of(line) == 0 { 0.7 } else { 0.5 };
    }
    if is_list_item(line) { 0.4 } else { 0.1 }
}

/// Up to three spaces, one to six `#`, white space.
pub(crate) fn is_heading(line: &str) -> bool {
    let spaces = line.bytes().take_while(|&byte| byte == b' ').count();
    let rest = &line[spaces..];
    let marks = rest.bytes().take_while(|&byte| byte == b'#').count();
    spaces <= 3 && (1..=6).contains(&marks) && rest[marks..].starts_with(char::is_whitespace)
}

fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        0 => line.strip_prefix(['-', '*', '+']),
        _ => line[digits..].strip_prefix(['.', ')']),
    };
    rest.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}
