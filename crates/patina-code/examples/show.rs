//! Prints what a file is made of and how it is cut: `cargo run -p patina-code --example show -- FILE [BUDGET] [apart]`, the
//! budget in words and signs; with `apart` small definitions are not merged.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an example may panic")]

use patina_code::{CutOptions, TextForm, outline, passages};

/// Words and signs, roughly what a tokenizer makes of a line.
fn cost(line: &str) -> u32 {
    let mut count = 0;
    let mut before = ' ';
    for letter in line.chars() {
        let goes_on = letter.is_alphanumeric() && before.is_alphanumeric();
        count += u32::from(!goes_on && !letter.is_whitespace());
        before = letter;
    }
    count
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().expect("the path of a file");
    let budget = arguments.get(1).map_or(250, |budget| budget.parse().unwrap());
    let merge = arguments.get(2).is_none_or(|how| how != "apart");
    let text = std::fs::read_to_string(path).unwrap();
    let form = TextForm::of_path(path);
    if let TextForm::Code(language) = form {
        let outline = outline(language, &text).unwrap();
        for (index, definition) in outline.definitions.iter().enumerate() {
            let (start, end) = (definition.start_line, definition.end_line);
            println!("{start}-{end} {} {} {:?}", definition.kind.name(), outline.symbol(index), definition.doc);
        }
        for import in &outline.imports {
            println!("{} import {} {:?}", import.line, import.module, import.names);
        }
        for call in &outline.calls {
            let within = call.within.map_or_else(String::new, |index| outline.symbol(index));
            println!("{} call {} in {within:?}", call.line, call.callee);
        }
    }
    let costs: Vec<u32> = text.split('\n').map(cost).collect();
    for piece in passages(form, &text, &costs, CutOptions { budget, merge }).unwrap() {
        let cost: u32 = piece.text.split('\n').map(cost).sum();
        let (start, end) = (piece.start_line, piece.end_line);
        println!("━━ {start}-{end} overlap {} cost {cost} {:?} {:?}", piece.overlap, piece.symbols, piece.headings);
        println!("{}", piece.text);
    }
}
