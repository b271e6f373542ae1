//! What a word is, for texts and for queries alike, and which words are one.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// To be raised when a text has other words, or other words are one: an index of another version does not answer queries of
/// this one.
pub const WORDS_VERSION: u32 = 2;

/// Longer words are cut there, in UTF-8: nobody types one as a whole, and a file may hold a megabyte without a blank.
const MOST_BYTES: usize = 128;

/// The words of `text` in its order, as they stand there: runs of letters, digits and `_`. A mark belongs to the letter before
/// it; one without, such as the variation selector after a sign, is in no word.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = &rest[rest.find(begins)?..];
        let (word, after) = rest.split_at(rest.find(|letter| !continues(letter)).unwrap_or(rest.len()));
        rest = after;
        Some(word)
    })
}

fn begins(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || letter == '_';
    }
    letter.is_alphanumeric() && !is_combining_mark(letter)
}

fn continues(letter: char) -> bool {
    begins(letter) || (!letter.is_ascii() && is_combining_mark(letter))
}

/// Every word of `text`, each before its [`parts`].
pub(super) fn words_and_parts(text: &str) -> impl Iterator<Item = &str> {
    words(text).flat_map(|word| std::iter::once(word).chain(parts(word)))
}

/// The parts of a word with an inner border (camelCase, an acronym before a word, `snake_case`), in its order; none of a word
/// without. Digits stay with the letters before them (`utf8`). Parts of one letter carry nothing and are left out.
#[must_use]
pub fn parts(word: &str) -> Vec<&str> {
    let letters: Vec<(usize, Letter)> = word.char_indices().map(|(at, letter)| (at, Letter::of(letter))).collect();
    if !has_border(&letters) {
        return Vec::new();
    }
    let kind = |at: usize| letters.get(at).map(|&(_, kind)| kind);
    let end_of =
        |from: usize, wanted: Letter| from + letters[from..].iter().take_while(|(_, kind)| *kind == wanted).count();
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(first) = kind(start) {
        let end = match first {
            Letter::Border => start + 1,
            Letter::Digit => end_of(start, Letter::Digit),
            Letter::Lower => end_of(end_of(start, Letter::Lower), Letter::Digit),
            Letter::Upper => {
                let end = end_of(start, Letter::Upper);
                match kind(end) {
                    // The last capital is the next word's, unless it is this one's only letter.
                    Some(Letter::Lower) if end - start > 1 => end - 1,
                    Some(Letter::Lower) => end_of(end_of(end, Letter::Lower), Letter::Digit),
                    _ => end_of(end, Letter::Digit),
                }
            }
        };
        if first != Letter::Border && end - start > 1 {
            let bytes = letters[start].0..letters.get(end).map_or(word.len(), |&(at, _)| at);
            parts.push(&word[bytes]);
        }
        start = end;
    }
    parts
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Upper,
    /// Of scripts without capitals, too, and marks.
    Lower,
    Digit,
    Border,
}

impl Letter {
    fn of(letter: char) -> Self {
        match letter {
            '_' => Self::Border,
            _ if letter.is_uppercase() => Self::Upper,
            _ if letter.is_numeric() => Self::Digit,
            _ => Self::Lower,
        }
    }
}

fn has_border(letters: &[(usize, Letter)]) -> bool {
    let kinds = || letters.iter().map(|&(_, kind)| kind);
    kinds().any(|kind| kind == Letter::Border)
        || kinds()
            .zip(kinds().skip(1))
            .any(|(one, next)| next == Letter::Upper && matches!(one, Letter::Lower | Letter::Digit))
        || letters
            .windows(3)
            .any(|three| three[0].1 == Letter::Upper && three[1].1 == Letter::Upper && three[2].1 == Letter::Lower)
}

/// Makes terms of words: words with one term are one to a search.
pub struct Terms {
    stemmer: Stemmer,
}

impl Default for Terms {
    fn default() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English) }
    }
}

impl Terms {
    /// A word in lower case, without accents, and without the endings of English. Stemming gains more on prose than it costs on
    /// shell commands (benchmarks/search/README.md).
    #[must_use]
    pub fn of(&self, word: &str) -> String {
        let word = cut(word);
        if !word.is_ascii() {
            let word = word.to_lowercase();
            let plain: String = word.nfd().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter)).nfc().collect();
            return if plain.is_ascii() { self.stemmed(&plain) } else { plain };
        }
        self.stemmed(&word.to_ascii_lowercase())
    }

    fn stemmed(&self, word: &str) -> String {
        self.stemmer.stem(word).into_owned()
    }
}

/// At most [`MOST_BYTES`] of a word, which are all that counts of it.
pub(super) fn cut(word: &str) -> &str {
    &word[..word.floor_char_boundary(MOST_BYTES)]
}
