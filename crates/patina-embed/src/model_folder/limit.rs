//! How many tokens a text may have, as sentence-transformers has it: what its own file says, else the smaller of what the
//! tokenizer's configuration and the model's positions allow.

use std::path::Path;

use serde::Deserialize;

use super::read_json;
use crate::error::{Error, ErrorKind, Result};

/// Tokenizers without a limit say 10^30.
const NO_LIMIT: f64 = 1e9;

/// `sentence_bert_config.json`
#[derive(Default, Deserialize)]
struct Sentence {
    max_seq_length: Option<usize>,
    do_lower_case: Option<bool>,
}

/// `tokenizer_config.json`
#[derive(Default, Deserialize)]
struct Tokenizer {
    /// 10^30 is more than an integer holds.
    model_max_length: Option<f64>,
}

/// The limit in tokens, special tokens included, of the model in `folder` that has `positions`; nothing where no file
/// says one.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for texts that are to be put into lower case, [`ErrorKind::Integrity`].
pub(super) fn read(folder: &Path, positions: Option<usize>) -> Result<Option<usize>> {
    let file = folder.join("sentence_bert_config.json");
    let sentence: Sentence = read_json(&file)?.unwrap_or_default();
    if sentence.do_lower_case == Some(true) {
        let message = format!(
            "{} has texts put into lower case before the tokenizer sees them (do_lower_case), which this version does \
             not do",
            file.display()
        );
        return Err(Error::new(ErrorKind::Unsupported, message).with_file(&file));
    }
    if sentence.max_seq_length.is_some() {
        return Ok(sentence.max_seq_length);
    }
    let file = folder.join("tokenizer_config.json");
    let tokenizer: Tokenizer = read_json(&file)?.unwrap_or_default();
    match tokenizer.model_max_length {
        Some(limit) if limit < 1.0 || limit.fract() != 0.0 => {
            let message = format!("{} has the model_max_length {limit}, which is no number of tokens", file.display());
            Err(Error::new(ErrorKind::Integrity, message).with_file(&file))
        }
        Some(limit) if limit < NO_LIMIT => Ok(Some(positions.unwrap_or(usize::MAX).min(limit as usize))),
        _ => Ok(positions),
    }
}
