//! `config.json` of a quantised model: its source's, key by key and byte by byte, and how the weights are quantised.

use std::fmt::{self, Write};
use std::path::PathBuf;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::super::damaged;
use super::affine::Packing;
use crate::config::LARGEST_FILE;
use crate::error::{Error, ErrorKind, Result};
use crate::files::read_limited;
use crate::spec::{FileRole, ModelSpec};

/// Where MLX's tools say how weights are quantised: the same twice, for readers of either name.
const KEYS: [&str; 2] = ["quantization", "quantization_config"];

/// A source's configuration.
pub(super) struct SourceConfig {
    /// Without those of [`KEYS`], which may stand there as null.
    entries: Vec<(String, Box<RawValue>)>,
}

/// The entries of an object in their order, values as they are written.
struct Entries(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl SourceConfig {
    /// # Errors
    /// [`ErrorKind::SpecInvalid`], [`ErrorKind::ModelMissing`] where there is none, [`ErrorKind::Integrity`] where it cannot
    /// be read, [`ErrorKind::InvalidInput`] where it says that the weights are quantised already.
    pub fn read(spec: &ModelSpec) -> Result<Self> {
        let path: PathBuf = spec.file(FileRole::Config)?.into();
        let bytes = read_limited(&path, LARGEST_FILE, ErrorKind::Integrity)?;
        let Entries(mut entries) =
            serde_json::from_slice(&bytes).map_err(|error| damaged(&path, &error.to_string()).with_source(error))?;
        let is_stated = |(key, value): &&(String, Box<RawValue>)| KEYS.contains(&&**key) && value.get() != "null";
        if let Some((key, _)) = entries.iter().find(is_stated) {
            let message = format!(
                "{} has {key}: its weights are quantised already, so take a variant that is not",
                path.display()
            );
            return Err(Error::new(ErrorKind::InvalidInput, message).with_file(&path));
        }
        entries.retain(|(key, _)| !KEYS.contains(&&**key));
        Ok(Self { entries })
    }

    /// Whether it says that the head of the model is its table of vectors.
    pub fn is_tied(&self) -> bool {
        self.entries.iter().any(|(key, value)| key == "tie_word_embeddings" && value.get() == "true")
    }

    /// The configuration of the quantised model; the modules in `kept` are not quantised.
    pub fn quantized(&self, packing: Packing, kept: &[String]) -> String {
        let Packing { bits, group_size } = packing;
        let mut quantization =
            format!("{{\n    \"group_size\": {group_size},\n    \"bits\": {bits},\n    \"mode\": \"affine\"");
        for module in kept {
            // Writing into a string cannot fail.
            let _ = write!(quantization, ",\n    {}: false", quoted(module));
        }
        quantization.push_str("\n  }");
        let own = self.entries.iter().map(|(key, value)| (key.as_str(), value.get()));
        let entries = own.chain(KEYS.map(|key| (key, quantization.as_str())));
        let lines: Vec<String> = entries.map(|(key, value)| format!("  {}: {value}", quoted(key))).collect();
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }
}

fn quoted(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}
