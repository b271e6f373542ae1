use super::*;

/// First line from 1, number of lines, headings.
fn sections(text: &str) -> Vec<(usize, usize, Vec<String>)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let found = sections_of(&lines);
    found.into_iter().map(|section| (section.lines.start + 1, section.lines.len(), section.headings)).collect()
}

fn section(start: usize, count: usize, headings: &[&str]) -> (usize, usize, Vec<String>) {
    (start, count, headings.iter().map(|&heading| heading.to_owned()).collect())
}

#[test]
fn second_level_headings_under_their_title_and_deeper_ones_within() {
    let expected = [section(1, 2, &["T"]), section(3, 4, &["T", "A"]), section(7, 2, &["T", "B"])];
    assert_eq!(sections("# T\nintro\n## A\na\n### deep\nb\n## B ##\nc"), expected);
}

#[test]
fn a_title_with_nothing_under_it_opens_the_section_after_it() {
    let expected = [section(1, 8, &["T", "A"]), section(9, 2, &["T", "B"])];
    assert_eq!(sections("---\ndate: 2024-01-02\n---\n\n# T\n\n## A\na\n## B\nb"), expected);
}

#[test]
fn a_hundred_thousand_headings_with_nothing_under_them_are_looked_at_once_each() {
    assert_eq!(sections(&format!("{}text", "# T\n".repeat(100_000))).len(), 1);
}

#[test]
fn no_heading_in_fences_front_matter_indented_code_or_without_a_space() {
    let text = "---\n# no: 1\n---\na\n```sh\n## no\n~~~\n```\n    ## no\n##no\n~~~~\n~~~\n## no\n~~~~\n## Yes";
    assert_eq!(sections(text), [section(1, 14, &[]), section(15, 1, &["Yes"])]);
}

#[test]
fn underlined_headings_and_a_rule_under_a_paragraph_is_none() {
    let expected = [section(1, 4, &["Title"]), section(5, 8, &["Title", "Part"])];
    assert_eq!(sections("Title\n=====\ntext\n\nPart\n----\nmore\n\na\nb\n---\nc"), expected);
}

#[test]
fn a_heading_of_a_megabyte_of_spaces_is_none_and_takes_no_time() {
    assert_eq!(sections(&format!("# {}x", " \t".repeat(500_000))), [section(1, 1, &[])]);
}
