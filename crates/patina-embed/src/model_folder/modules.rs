//! What comes after the transformer: `modules.json` and the settings of its pooling.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::read_json;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::Pooling;

/// What newer and older files call the numbers in a token's vector.
const WIDTHS: [&str; 2] = ["embedding_dimension", "word_embedding_dimension"];

/// The modules behind the transformer.
pub(super) struct Modules {
    /// The pooling's settings, where the folder has any.
    pooling: Option<PathBuf>,
    /// Nothing where the folder does not list its modules.
    normalizes: Option<bool>,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    class: String,
}

impl Modules {
    /// Reads `modules.json`. A folder without it has, if anything, the pooling in its usual place.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("modules.json");
        let Some(modules) = read_json::<Vec<Module>>(&file)? else {
            let pooling = folder.join("1_Pooling/config.json");
            return Ok(Self { pooling: pooling.is_file().then_some(pooling), normalizes: None });
        };
        let mut found = Self { pooling: None, normalizes: Some(false) };
        for (index, module) in modules.iter().enumerate() {
            let class = module.class.rsplit('.').next().unwrap_or_default();
            let stands = match class {
                "Transformer" => index == 0,
                "Pooling" => index == 1,
                "Normalize" => index == 2,
                _ => false,
            };
            if !stands {
                let message = format!(
                    "{} lists {} as module {index}; this version computes a Transformer, then a Pooling, then possibly \
                     a Normalize, and the vectors would be other ones without it",
                    file.display(),
                    module.class
                );
                return Err(Error::new(ErrorKind::Unsupported, message).with_file(&file));
            }
            match class {
                "Transformer" if !module.path.is_empty() => {
                    let message = format!(
                        "{} keeps the model in {}; only one at the top of the folder is read: name that folder, and say \
                         there what it leaves open",
                        file.display(),
                        module.path
                    );
                    return Err(Error::new(ErrorKind::Unsupported, message).with_file(&file));
                }
                "Pooling" => {
                    let settings = folder.join(&module.path).join("config.json");
                    found.pooling = settings.is_file().then_some(settings);
                }
                "Normalize" => found.normalizes = Some(true),
                _ => {}
            }
        }
        Ok(found)
    }

    pub fn normalizes(&self) -> Option<bool> {
        self.normalizes
    }

    /// The one way of pooling that is switched on, for token vectors of `dimension` numbers. Older files have a switch for
    /// each way, newer ones a word or a list of words.
    pub fn pooling(&self, dimension: usize) -> Result<Option<Pooling>> {
        let Some(file) = &self.pooling else { return Ok(None) };
        let settings: Map<String, Value> = read_json(file)?.unwrap_or_default();
        let unsupported = |what: String| {
            let message = format!("{} {what}; this version pools by mean, cls or lasttoken", file.display());
            Error::new(ErrorKind::Unsupported, message).with_file(file)
        };
        match settings.get("include_prompt") {
            None | Some(Value::Null | Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                return Err(unsupported("leaves the prompt's tokens out of the pooling (include_prompt)".to_owned()));
            }
            Some(other) => return Err(unsupported(format!("has the include_prompt {other}"))),
        }
        let width = WIDTHS.iter().find_map(|key| settings.get(*key));
        if let Some(width) = width.filter(|width| width.as_u64() != Some(dimension as u64)) {
            return Err(unsupported(format!("pools vectors of {width} numbers where config.json says {dimension}")));
        }
        let ways: Vec<&str> = match settings.get("pooling_mode") {
            Some(stated) => {
                let words = stated.as_array().map_or(std::slice::from_ref(stated), Vec::as_slice);
                let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
                words.ok_or_else(|| unsupported(format!("has the pooling_mode {stated}")))?
            }
            None => settings
                .iter()
                .filter(|(_, value)| **value == Value::Bool(true))
                .filter_map(|(key, _)| key.strip_prefix("pooling_mode_"))
                .collect(),
        };
        match ways.as_slice() {
            ["mean_tokens" | "mean"] => Ok(Some(Pooling::Mean)),
            ["cls_token" | "cls"] => Ok(Some(Pooling::Cls)),
            ["lasttoken"] => Ok(Some(Pooling::Last)),
            [] => Ok(None),
            others => Err(unsupported(format!("pools by {}", others.join(" and ")))),
        }
    }
}
