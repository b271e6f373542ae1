//! What the words of a registry may look like, each with its description for people.

pub(super) const KEY: &str = "lower-case letters, digits, '.', '_' and '-', beginning with a letter or a digit";
pub(super) const VARIANT: &str = "a short name such as fp32, int8 or q4";
pub(super) const SHA256: &str = "64 lower-case hexadecimal digits";
pub(super) const REPOSITORY: &str = "OWNER/NAME of a repository on the hub";
pub(super) const REVISION: &str = "a branch, a tag or a commit";
pub(super) const PACKAGE: &str = "the name of a package on PyPI";
pub(super) const VERSION: &str = "one exact version";
pub(super) const URL: &str = "an https:// address";

/// A model's key names a folder of the store, so it stays within what every file system takes.
pub(super) fn is_key(text: &str) -> bool {
    is_name(text, 100)
}

pub(super) fn is_variant(text: &str) -> bool {
    is_name(text, 40)
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A full commit, which needs no resolving.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| [owner, name].iter().all(|part| is_spelled(part, "_.-")))
}

pub(super) fn is_revision(text: &str) -> bool {
    is_spelled(text, "_./-")
}

/// With the version it goes into one argument of pip: nothing in them may read as an option, an address or a range.
pub(super) fn is_package(text: &str) -> bool {
    is_spelled(text, "._-") && text.ends_with(|letter: char| letter.is_ascii_alphanumeric())
}

pub(super) fn is_version(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit()) && is_spelled(text, ".!+_-")
}

pub(super) fn is_url(text: &str) -> bool {
    // U+FEFF counts as white space in JavaScript, U+0085 does not.
    let is_space = |letter: char| (letter.is_whitespace() && letter != '\u{85}') || letter == '\u{feff}';
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(is_space))
}

/// A letter or a digit, and then those and `others`.
fn is_spelled(text: &str, others: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
}

fn is_name(text: &str, most: usize) -> bool {
    text.len() <= most && is_spelled(text, "._-") && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}
