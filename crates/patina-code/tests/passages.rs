//! What holds for every text that is cut, whatever its language, costs and budget.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use patina_code::{CutBy, CutOptions, Language, Piece, TextForm, passages};
use proptest::prelude::*;

const FORMS: [TextForm; 7] = [
    TextForm::Lines,
    TextForm::Prose,
    TextForm::Markdown,
    TextForm::Code(Language::Rust),
    TextForm::Code(Language::Tsx),
    TextForm::Code(Language::Python),
    TextForm::Code(Language::Cpp),
];

/// Lines that open, close, document and define things in one language or another.
fn line() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "",
        "",
        "}",
        "  }",
        "{",
        "impl Index {",
        "    fn search(&self) {",
        "    }",
        "/// What it does.",
        "#[test]",
        "class Index {",
        "  search() {",
        "  // why",
        "const x = 1;",
        "def search(self):",
        "    return 1",
        "class Index:",
        "struct Index {",
        "int search(int a) {",
        "};",
        "# Title",
        "## Part",
        "```",
        "---",
        "- item",
        "export const f = () => {",
        "@decorator",
        "namespace a {",
        "}); // é😀\u{fffd}",
        "mod tests {",
        "\r",
        "x\r",
        "fn a() {} fn b() {} struct C;",
    ]);
    prop_oneof![
        8 => known.prop_map(str::to_owned),
        2 => "[^\n]{0,60}",
        1 => "([a-z😀é\u{fffd}]{1,12} ?){30,80}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..80).prop_map(|lines| lines.join("\n"))
}

/// A cost for each line: by its characters, or anything at all.
fn costs(text: &str, salt: Option<u64>) -> Vec<u32> {
    let cost = |(index, line): (usize, &str)| match salt {
        None => line.chars().count() as u32 + 1,
        Some(salt) => (salt.wrapping_mul(index as u64 + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as u32,
    };
    text.split('\n').enumerate().map(cost).collect()
}

/// A line that is not blank costs something.
fn counted(line: &str, cost: u32) -> u64 {
    u64::from(if line.trim().is_empty() { cost } else { cost.max(1) })
}

fn check(form: TextForm, text: &str, costs: &[u32], options: CutOptions) -> Result<Vec<Piece>, TestCaseError> {
    let pieces = passages(form, text, costs, options).unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    let budget = u64::from(options.budget);
    let mut next = 0;
    // The bytes of a long line that its pieces have had.
    let mut had: Option<(usize, usize)> = None;
    for piece in &pieces {
        let (start, end) = (piece.start_line as usize - 1, piece.end_line as usize);
        let fresh = start + piece.overlap as usize;
        prop_assert!(fresh < end, "a piece is more than what it repeats: {piece:?}");
        let whole = lines[start..end].join("\n");
        let cost: u64 = (start..end).map(|line| counted(lines[line], costs[line])).sum();
        if end - start == 1 && cost > budget {
            let (line, from) = had.filter(|&(line, _)| line == start).unwrap_or((start, 0));
            prop_assert_eq!(&lines[line][from..from + piece.text.len()], &piece.text);
            // Never more than its share, but for a character that is more by itself.
            let fits = u128::from(cost) * piece.text.len() as u128 <= u128::from(budget) * lines[line].len() as u128;
            prop_assert!(fits || piece.text.chars().count() == 1, "{piece:?}");
            had = Some((line, from + piece.text.len()));
            if from > 0 {
                continue;
            }
        } else {
            prop_assert_eq!(&piece.text, &whole);
            prop_assert!(cost <= budget, "{cost} is above {budget}: {piece:?}");
            prop_assert!(!lines[start].trim().is_empty() && !lines[end - 1].trim().is_empty());
        }
        if let Some((line, length)) = had.take_if(|&mut (line, _)| line < fresh) {
            prop_assert_eq!(length, lines[line].len(), "all of a long line is in its pieces");
        }
        prop_assert!(lines[next.min(fresh)..fresh].iter().all(|line| line.trim().is_empty()), "lines before {piece:?}");
        prop_assert!(fresh >= next, "lines are in one piece: {piece:?}");
        prop_assert!(piece.overlap == 0 || piece.by == CutBy::Definitions);
        prop_assert!(piece.overlap <= 3);
        next = end;
    }
    if let Some((line, length)) = had {
        prop_assert_eq!(length, lines[line].len());
    }
    prop_assert!(lines[next..].iter().all(|line| line.trim().is_empty()), "lines after the last piece");
    Ok(pieces)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_in_one_piece_that_keeps_to_the_budget(
        text in text(),
        form in prop::sample::select(FORMS.to_vec()),
        budget in prop::sample::select(vec![1, 2, 7, 20, 50, 150, 400, 2_000]),
        merge: bool,
        salt in prop::option::of(any::<u64>()),
    ) {
        let costs = costs(&text, salt);
        let options = CutOptions { budget, merge };
        let pieces = check(form, &text, &costs, options)?;
        prop_assert_eq!(passages(form, &text, &costs, options).unwrap(), pieces);
    }

    // Of broken code a parser may make something else with one line break more.
    #[test]
    fn with_a_line_break_at_the_end_it_is_the_same(text in text(), form in prop::sample::select(FORMS[..3].to_vec())) {
        let options = CutOptions { budget: 100, merge: true };
        let without = passages(form, &text, &costs(&text, None), options).unwrap();
        let with = format!("{text}\n");
        prop_assert_eq!(&passages(form, &with, &costs(&with, None), options).unwrap(), &without);
        prop_assert_eq!(&passages(form, &with, &costs(&text, None), options).unwrap(), &without);
    }
}

#[test]
fn a_hundred_thousand_lines_of_one_letter_take_no_quadratic_time() {
    let text = "x\n".repeat(100_000);
    let costs = vec![2; 100_000];
    for form in [TextForm::Lines, TextForm::Prose, TextForm::Markdown] {
        let pieces = passages(form, &text, &costs, CutOptions { budget: 200, merge: true }).unwrap();
        assert_eq!(pieces.len(), 1_000);
    }
}

#[test]
fn what_costs_nothing_does_not_fill_a_piece_without_end() {
    let text = "x\n".repeat(50_000);
    let pieces = passages(TextForm::Lines, &text, &vec![0; 50_000], CutOptions { budget: 100, merge: true }).unwrap();
    assert_eq!(pieces.len(), 500);
}
