//! Regular expressions in a tokenizer.json are tried before any text depends on them: the engine behind them (Oniguruma)
//! backtracks, and limits neither its time nor, for `a*a*b|a`, the steps it counts, so a hostile or careless pattern
//! would hold a worker for hours, where no abort reaches it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use tokenizers::Tokenizer;

use crate::error::{Error, ErrorKind, Result};

/// What real texts are made of, in the runs that make patterns go back and forth.
const PROBES: [&str; 6] = [" ", "a", "1", ".", "\n", "A river has 2 banks; let it = `flow(on)` // and on.\n\t"];

/// Bytes of the longest probe. The probes double up to there, so that the first that is too slow is not slow by much.
const LONGEST: usize = 16 << 10;

/// A tokenizer whose time grows with the text takes a hundredth of this for the longest probe; one that compares every
/// place of it with every other, three times this.
const PATIENCE: Duration = Duration::from_millis(200);

/// A busy machine makes a probe wait, now and then; a slow pattern is slow every time.
const TRIES: usize = 3;

/// Tries a tokenizer that has patterns of its own on texts of growing length.
///
/// # Errors
/// [`ErrorKind::Integrity`] naming the file, where it takes too long or gives up.
pub(super) fn check(tokenizer: &Tokenizer, path: &Path) -> Result<()> {
    if !has_patterns(tokenizer) {
        return Ok(());
    }
    for probe in PROBES {
        let mut length = 16;
        while length <= LONGEST {
            let text = &probe.repeat(length.div_ceil(probe.len()))[..length];
            if !(0..TRIES).any(|_| is_quick(tokenizer, text)) {
                return Err(Error::new(
                    ErrorKind::Integrity,
                    format!(
                        "the patterns of {} take too long: {length} characters of {probe:?} were not done within {} ms; \
                         is it the model's own file?",
                        path.display(),
                        PATIENCE.as_millis()
                    ),
                )
                .with_file(path));
            }
            length *= 2;
        }
    }
    Ok(())
}

/// Whether the tokenizer is done with the text, or refuses it, in time; giving up is a panic.
fn is_quick(tokenizer: &Tokenizer, text: &str) -> bool {
    let start = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| tokenizer.encode_fast(text, false)));
    ended.is_ok() && start.elapsed() < PATIENCE
}

/// Whether the tokenizer brings regular expressions, in its normalizer or its pre-tokenizer; WordPiece ones have none.
fn has_patterns(tokenizer: &Tokenizer) -> bool {
    let normalizer = tokenizer.get_normalizer().map(|part| serde_json::to_value(part));
    let pre_tokenizer = tokenizer.get_pre_tokenizer().map(|part| serde_json::to_value(part));
    // What cannot be written down again is tried as well.
    [normalizer, pre_tokenizer].into_iter().flatten().any(|part| part.map_or(true, |part| names_regex(&part)))
}

fn names_regex(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(fields) => fields.contains_key("Regex") || fields.values().any(names_regex),
        serde_json::Value::Array(items) => items.iter().any(names_regex),
        _ => false,
    }
}
