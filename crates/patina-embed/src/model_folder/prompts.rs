//! The texts that a model puts before queries and passages: `config_sentence_transformers.json`.
//!
//! A side's prompt is the first under its names that is not empty: sentence-transformers writes an empty `query` and
//! `document` for every model. `default_prompt_name` is for `encode`, which knows no sides; `encode_query` and
//! `encode_document` pass it over. So a side that has a default prompt alone is open, and the caller's to settle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::read_json;
use crate::error::{Error, ErrorKind, Result};

/// Prompts that sentence-transformers gives every model, empty where a file has none.
const ALWAYS_THERE: [&str; 2] = ["query", "document"];

/// One side of a search: what its prompt is called, in the order of `encode_query` and `encode_document`, and the call
/// that supplies it.
pub(super) struct Side {
    names: &'static [&'static str],
    texts: &'static str,
    call: &'static str,
}

pub(super) const QUERY: Side = Side { names: &["query"], texts: "queries", call: "query_template" };
pub(super) const PASSAGE: Side =
    Side { names: &["document", "passage", "corpus"], texts: "passages", call: "passage_template" };

#[derive(Default, Deserialize)]
struct Stated {
    #[serde(default)]
    prompts: BTreeMap<String, String>,
    default_prompt_name: Option<String>,
}

pub(super) struct Prompts {
    file: PathBuf,
    stated: Stated,
}

impl Prompts {
    /// Reads the folder's prompts, of which there may be none.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`] for a default prompt that there is none of, [`ErrorKind::Integrity`].
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("config_sentence_transformers.json");
        let stated: Stated = read_json(&file)?.unwrap_or_default();
        if let Some(name) = &stated.default_prompt_name
            && !stated.prompts.contains_key(name)
            && !ALWAYS_THERE.contains(&name.as_str())
        {
            let message = format!("{} has the default_prompt_name {name:?}, and no such prompt", file.display());
            return Err(Error::new(ErrorKind::SpecInvalid, message).with_file(&file));
        }
        Ok(Self { file, stated })
    }

    /// The template of one side; nothing where its texts go to the model as they are.
    ///
    /// # Errors
    /// [`ErrorKind::SpecInvalid`] where only the default prompt might be meant, [`ErrorKind::Unsupported`] for a prompt
    /// that no template can hold.
    pub fn template(&self, side: &Side) -> Result<Option<String>> {
        if let Some((name, prompt)) = side.names.iter().find_map(|name| self.prompt(name)) {
            if prompt.contains("{text}") || prompt.contains("{task}") {
                let message = format!(
                    "{} has the prompt {name:?}: {prompt:?}, whose braces would be filled in here; it is meant to \
                     stand before texts as it is",
                    self.file.display()
                );
                return Err(Error::new(ErrorKind::Unsupported, message).with_file(&self.file));
            }
            return Ok(Some(format!("{prompt}{{text}}")));
        }
        let by_default = self.stated.default_prompt_name.as_deref().and_then(|name| self.prompt(name));
        let Some((name, prompt)) = by_default else { return Ok(None) };
        let message = format!(
            "{} has the default prompt {name:?} and none for {}: sentence-transformers' encode puts {prompt:?} before \
             them, and its methods for queries and documents put nothing; say which with ModelFolder::{}, where \
             {{text}} alone is nothing",
            self.file.display(),
            side.texts,
            side.call
        );
        Err(Error::new(ErrorKind::SpecInvalid, message).with_file(&self.file))
    }

    /// The prompt of this name, where there is anything in it.
    fn prompt<'a>(&'a self, name: &'a str) -> Option<(&'a str, &'a str)> {
        self.stated.prompts.get(name).filter(|prompt| !prompt.is_empty()).map(|prompt| (name, prompt.as_str()))
    }
}
