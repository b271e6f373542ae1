//! What comes after the transformer: `modules.json` and the settings of its pooling.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::read_json;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::Pooling;

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

    /// The one way of pooling that is switched on. Older files have a switch for each way, newer ones a word.
    pub fn pooling(&self) -> Result<Option<Pooling>> {
        let Some(file) = &self.pooling else { return Ok(None) };
        let settings: Map<String, Value> = read_json(file)?.unwrap_or_default();
        let unsupported = |what: String| {
            let message = format!("{} {what}; this version pools by mean, cls or lasttoken", file.display());
            Error::new(ErrorKind::Unsupported, message).with_file(file)
        };
        if settings.get("include_prompt") == Some(&Value::Bool(false)) {
            return Err(unsupported("leaves the prompt's tokens out of the pooling (include_prompt)".to_owned()));
        }
        let ways: Vec<&str> = match settings.get("pooling_mode") {
            Some(word) => vec![word.as_str().ok_or_else(|| unsupported(format!("has the pooling_mode {word}")))?],
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
