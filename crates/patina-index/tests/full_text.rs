//! The index of words against what it is made of.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use patina_index::full_text::{FullTextIndex, FullTextWriter, Occurrence, QueryTerms, Terms, parts, words};
use patina_index::{Error, ErrorKind};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// A folder of a test's own, gone when it is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("patina-full-text-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: impl std::fmt::Display) -> PathBuf {
        self.0.join(name.to_string())
    }

    /// An index of these bodies, without headings.
    fn index(&self, bodies: &[&str]) -> FullTextIndex {
        let passages = bodies.iter().enumerate().map(|(row, body)| (row as u32, (String::new(), (*body).to_owned())));
        let path = self.file("index");
        write(&path, None, &[], &passages.collect(), bodies.len() as u32).unwrap();
        FullTextIndex::open(&path).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Heading and body by row.
type Passages = BTreeMap<u32, (String, String)>;

fn write(path: &Path, base: Option<&Path>, removed: &[u32], added: &Passages, rows: u32) -> Result<(), Error> {
    write_within(usize::MAX, path, base, removed, added, rows)
}

fn write_within(
    memory: usize,
    path: &Path,
    base: Option<&Path>,
    removed: &[u32],
    added: &Passages,
    rows: u32,
) -> Result<(), Error> {
    let mut writer = FullTextWriter::new(path, base, removed)?.with_memory(memory);
    for (&row, (heading, body)) in added {
        writer.add(row, heading, body)?;
    }
    writer.finish(rows)
}

fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["alpha", "beta", "gammas", "notifyAll", "über", "wait_for", "x"]);
    vec(word, 0..8).prop_map(|words| words.join(" "))
}

fn passages() -> impl Strategy<Value = Passages> {
    btree_map(0_u32..40, (text(), text()), 0..12)
}

proptest! {
    #[test]
    fn an_index_is_the_same_whichever_way_it_came_together(
        states in vec(passages(), 1..6),
        memory in prop::sample::select(vec![0, 50, usize::MAX]),
    ) {
        let scratch = Scratch::new();
        let mut before: Option<(PathBuf, Passages)> = None;
        for (number, state) in states.into_iter().enumerate() {
            let rows = 40 + number as u32;
            let (changed, whole) = (scratch.file(number), scratch.file(format!("{number}-whole")));
            let none = Passages::new();
            let (base, old) = before.as_ref().map_or((None, &none), |(path, old)| (Some(path.as_path()), old));
            let removed: Vec<u32> =
                old.iter().filter(|(row, passage)| state.get(row) != Some(*passage)).map(|(row, _)| *row).collect();
            let added: Passages = state
                .iter()
                .filter(|(row, passage)| old.get(row) != Some(*passage))
                .map(|(row, passage)| (*row, passage.clone()))
                .collect();
            write_within(memory, &changed, base, &removed, &added, rows).unwrap();
            write(&whole, None, &[], &state, rows).unwrap();
            prop_assert_eq!(std::fs::read(&changed).unwrap(), std::fs::read(&whole).unwrap());
            let index = FullTextIndex::open(&changed).unwrap();
            prop_assert_eq!((index.rows(), index.passages()), (rows, state.len() as u32));
            prop_assert_eq!(index.checksum(), FullTextIndex::open(&whole).unwrap().checksum());
            before = Some((changed, state));
        }
        let left = std::fs::read_dir(&scratch.0).unwrap().map(|entry| entry.unwrap().file_name());
        prop_assert_eq!(left.filter(|name| name.to_str().unwrap().contains('.')).count(), 0, "what spilled is gone");
    }

    #[test]
    fn a_phrase_is_found_where_its_words_follow_each_other(
        bodies in vec(vec(prop::sample::select(vec!["a", "b", "c"]), 0..12), 1..8),
        phrase in vec(prop::sample::select(vec!["a", "b", "c"]), 1..4),
    ) {
        let scratch = Scratch::new();
        let texts: Vec<String> = bodies.iter().map(|words| words.join(" ")).collect();
        let index = scratch.index(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let mut found: Vec<u32> =
            index.search_phrases(&[phrase.join(" ")], 100, None).unwrap().iter().map(|found| found.row).collect();
        found.sort_unstable();
        let due: Vec<u32> = (0..bodies.len() as u32)
            .filter(|&row| bodies[row as usize].windows(phrase.len()).any(|words| words == phrase))
            .collect();
        prop_assert_eq!(found, due);
    }

    #[test]
    fn every_passage_has_its_own_words(bodies in vec(any::<String>(), 1..6)) {
        let scratch = Scratch::new();
        let index = scratch.index(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
        for (row, body) in bodies.iter().enumerate() {
            prop_assert!(index.has_words(row as u32, body).unwrap());
            for word in index.words(body).unwrap() {
                prop_assert!(word.passages > 0);
                let rows = index.search(&[&word.word], 100, None).unwrap();
                prop_assert!(rows.iter().any(|found| found.row == row as u32), "{:?} finds {}", word, row);
            }
        }
    }

    #[test]
    fn damage_is_told_or_changes_nothing(place in any::<prop::sample::Index>(), flip in 1_u8.., cut in any::<bool>()) {
        let scratch = Scratch::new();
        let texts = ["alpha beta gamma", "alpha alpha wait_for", "notifyAll the others", "beta beta beta gamma"];
        let asked = ["alpha", "beta", "gamma", "wait", "notify", "other", "the"];
        let answers = |index: &FullTextIndex| {
            let words = index.search(&asked, 10, None)?;
            let phrase = index.search_phrases(&["beta gamma", "the others"], 10, None)?;
            Ok::<_, Error>((words, phrase, index.words("alpha notifyAll")?))
        };
        let right = answers(&scratch.index(&texts)).unwrap();
        let path = scratch.file("index");
        let mut bytes = std::fs::read(&path).unwrap();
        let at = place.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= flip }
        std::fs::write(&path, bytes).unwrap();
        let changed = scratch.file("changed");
        let added = Passages::from([(4, (String::new(), "delta".to_owned()))]);
        match FullTextIndex::open(&path).and_then(|index| answers(&index)) {
            Ok(found) => prop_assert_eq!(found, right),
            Err(error) => {
                // The numbers of the versions are in eight bytes.
                let kind = if !cut && (8..16).contains(&at) { ErrorKind::Incompatible } else { ErrorKind::Integrity };
                prop_assert_eq!(error.kind(), kind);
                prop_assert_eq!(error.file(), Some(path.as_path()));
                // What is built on it reads all of it.
                prop_assert_eq!(write(&changed, Some(&path), &[], &added, 5).unwrap_err().kind(), kind);
                prop_assert!(!changed.exists());
            }
        }
    }

    #[test]
    fn no_text_is_too_strange_for_a_word(text in any::<String>()) {
        let terms = Terms::default();
        for word in words(&text) {
            prop_assert!(!word.is_empty() && text.contains(word));
            prop_assert!(terms.of(word).len() <= 400);
            for part in parts(word) {
                prop_assert!(word.contains(part));
            }
        }
    }
}

#[test]
fn a_heading_counts_for_more_than_a_body() {
    let scratch = Scratch::new();
    let path = scratch.file("index");
    let passage = |heading: &str, body: &str| (heading.to_owned(), body.to_owned());
    let passages = Passages::from([
        (0, passage("", "queue of jobs")),
        (1, passage("queue", "of jobs")),
        (2, passage("", "nothing at all")),
        (3, passage("", "nothing here")),
    ]);
    write(&path, None, &[], &passages, 4).unwrap();
    let index = FullTextIndex::open(&path).unwrap();
    let found = index.search(&["queue"], 10, None).unwrap();
    assert_eq!(found.iter().map(|found| found.row).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(index.search(&["queue"], 10, Some(&[1, 0, 1, 1])).unwrap().len(), 1);
    assert_eq!(index.search(&["queue"], 1, None).unwrap(), found[..1]);
    let twice = index.search(&["queue", "queues"], 10, None).unwrap();
    assert_eq!(
        twice.iter().map(|found| found.score / 2.0).collect::<Vec<_>>(),
        found.iter().map(|found| found.score).collect::<Vec<_>>()
    );
    assert_eq!(index.search(&["absent"], 10, None).unwrap(), []);
    let error = index.search(&["queue"], 10, Some(&[1])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let (path, other) = (scratch.file("index"), scratch.file("other"));
    let mut writer = FullTextWriter::new(&path, None, &[]).unwrap();
    writer.add(3, "", "alpha").unwrap();
    assert!(writer.add(3, "", "beta").unwrap_err().to_string().contains("ascending"));
    assert!(writer.finish(3).unwrap_err().to_string().contains("row 3 has a passage"));
    assert!(!path.exists());
    write(&path, None, &[], &Passages::from([(3, (String::new(), "alpha".to_owned()))]), 4).unwrap();
    let mut writer = FullTextWriter::new(&other, Some(&path), &[]).unwrap();
    assert!(writer.add(3, "", "beta").unwrap_err().to_string().contains("removed before"));
    let error = FullTextWriter::new(&other, Some(&scratch.file("absent")), &[]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    // A file that is there stays.
    let error = FullTextWriter::new(&path, None, &[]).unwrap().finish(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(FullTextIndex::open(&path).unwrap().passages(), 1);
}

#[test]
fn words_are_runs_of_letters_digits_and_underscores() {
    let found = |text| words(text).collect::<Vec<_>>();
    assert_eq!(found("call unifyTypes(a, b_c)"), ["call", "unifyTypes", "a", "b_c"]);
    assert_eq!(found("Über 日本語 e\u{301}"), ["Über", "日本語", "e\u{301}"]);
    assert_eq!(found("\"*():^-+ \0"), [""; 0]);
    assert_eq!(found("\u{26a0}\u{fe0f} careful"), ["careful"], "a sign and its variation selector are no word");
}

/// Longer than what counts of a word as a whole.
const LONG: &str = concat!(
    "test_that_thequeuethequeuethequeuethequeuethequeuethequeuethequeuethequeue",
    "thequeuethequeuethequeuethequeuethequeuethequeue_wakes"
);

#[test]
fn identifiers_have_parts() {
    for (identifier, due) in [
        ("unifyTypes", &["unify", "Types"][..]),
        ("unify_types", &["unify", "types"]),
        ("_private", &["private"]),
        ("__init__", &["init"]),
        ("MAX_QUERY_WORDS", &["MAX", "QUERY", "WORDS"]),
        ("HTTPServer", &["HTTP", "Server"]),
        ("parseHTTP2Frame", &["parse", "HTTP2", "Frame"]),
        ("readUtf8Text", &["read", "Utf8", "Text"]),
        ("aMap", &["Map"]),
        ("öffneDatei", &["öffne", "Datei"]),
        ("plain", &[]),
        ("Plain", &[]),
        ("PLAIN", &[]),
        ("utf8", &[]),
        (LONG, &["test", "that", LONG.split('_').nth(2).unwrap(), "wakes"]),
        ("a1b2c3", &[]),
        ("_", &[]),
    ] {
        assert_eq!(parts(identifier), due, "{identifier}");
    }
}

#[test]
fn words_that_are_one_have_one_term() {
    let terms = Terms::default();
    for (one, other) in [
        ("Searching", "search"),
        ("UNIFY_TYPES", "unify_types"),
        ("Über", "uber"),
        ("cafe\u{301}s", "CAFÉ"),
        ("가", "\u{1100}\u{1161}"),
    ] {
        assert_eq!(terms.of(one), terms.of(other), "{one} and {other}");
    }
    let long = "x".repeat(1_000_000);
    assert_eq!(terms.of(&long), terms.of(&format!("{long}y")));
}

#[test]
fn a_query_stands_out_where_it_is_found() {
    let text = "fn öffneDatei(): searches, unifyTypes, unify_types";
    let terms = QueryTerms::new(&["searching", "unify", "datei", "unify_types"]);
    let found: Vec<_> = terms.find(text).into_iter().map(|Occurrence { bytes, word }| (&text[bytes], word)).collect();
    assert_eq!(found, [("Datei", 2), ("searches", 0), ("unify", 1), ("unify_types", 3), ("unify", 1)]);
    assert_eq!(QueryTerms::new(&[""; 0]).find(text), []);
}
