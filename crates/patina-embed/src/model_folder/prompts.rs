//! The texts that a model puts before queries and passages: `config_sentence_transformers.json`. Its
//! `default_prompt_name` is for texts of no kind; here those go to the model as they are.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::read_json;
use crate::error::{Error, ErrorKind, Result};

/// Names for a passage's prompt, as sentence-transformers' `encode_document` looks for them.
const PASSAGE: [&str; 3] = ["document", "passage", "corpus"];

#[derive(Default, Deserialize)]
pub(super) struct Prompts {
    #[serde(default)]
    prompts: BTreeMap<String, String>,
}

impl Prompts {
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("config_sentence_transformers.json");
        let found: Self = read_json(&file)?.unwrap_or_default();
        let is_template = |prompt: &str| prompt.contains("{text}") || prompt.contains("{task}");
        if let Some((name, prompt)) = found.prompts.iter().find(|(_, prompt)| is_template(prompt)) {
            let message = format!(
                "{} has the prompt {name:?}: {prompt:?}, whose braces would be filled in here; it is meant to stand \
                 before texts as it is",
                file.display()
            );
            return Err(Error::new(ErrorKind::Unsupported, message).with_file(&file));
        }
        Ok(found)
    }

    pub fn query(&self) -> Option<String> {
        self.template("query")
    }

    pub fn passage(&self) -> Option<String> {
        PASSAGE.iter().find_map(|name| self.template(name))
    }

    /// A prompt stands before the text; an empty one is none.
    fn template(&self, name: &str) -> Option<String> {
        self.prompts.get(name).filter(|prompt| !prompt.is_empty()).map(|prompt| format!("{prompt}{{text}}"))
    }
}
