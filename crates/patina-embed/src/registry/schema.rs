//! The schema of `registry.toml`, key by key in the order of the TypeScript one, which the two are held to by test.

use super::entry::{EntryFile, ModelCheck, ModelEntry, ModelVariant, Source, VariantQuality};
use super::table::{Node, Problems, Rule, Table};
use super::words;
use crate::numerics::Numerics;
use crate::spec::{Architecture, FileRole, Pooling, Runtime};

/// Reads a source of one kind.
type ReadSource = fn(&Node, &mut Problems) -> Option<Source>;

const COUNT: [Rule; 2] = [("a whole number", |value| value.fract() == 0.0), ("1 or more", |value| value >= 1.0)];
const COSINE: [Rule; 2] = [("-1 or more", |value| value >= -1.0), ("1 or less", |value| value <= 1.0)];
const TOLERANCE: [Rule; 2] = [
    ("more than 0", |value| value > 0.0),
    ("1 or less: what is further apart is another vector", |value| value <= 1.0),
];

const ARCHITECTURES: [(&str, Architecture); 4] = [
    ("bert", Architecture::Bert),
    ("xlm-roberta", Architecture::XlmRoberta),
    ("nomic-bert", Architecture::NomicBert),
    ("qwen3", Architecture::Qwen3),
];
const POOLINGS: [(&str, Pooling); 3] = [("mean", Pooling::Mean), ("cls", Pooling::Cls), ("last", Pooling::Last)];
const RUNTIMES: [(&str, Runtime); 2] = [("onnx", Runtime::Onnx), ("mlx", Runtime::Mlx)];
const ROLES: [(&str, FileRole); 5] = [
    ("tokenizer", FileRole::Tokenizer),
    ("config", FileRole::Config),
    ("weights", FileRole::Weights),
    ("external-data", FileRole::ExternalData),
    ("other", FileRole::Other),
];
const NUMERICS: [(&str, Numerics); 6] = [
    (Numerics::Float32.name(), Numerics::Float32),
    (Numerics::Float16.name(), Numerics::Float16),
    (Numerics::Bfloat16.name(), Numerics::Bfloat16),
    (Numerics::Int8Dynamic.name(), Numerics::Int8Dynamic),
    (Numerics::Int8Weights.name(), Numerics::Int8Weights),
    (Numerics::Nbits.name(), Numerics::Nbits),
];
const KINDS: [(&str, ReadSource); 4] = [("hub", hub), ("wheel", wheel), ("url", url), ("dir", dir)];

/// The entry of `key`; nothing where a problem was noted instead.
pub(super) fn model(key: &str, node: &Node, problems: &mut Problems) -> Option<ModelEntry> {
    let mut table = node.table(problems)?;
    let name = table.required("name", text);
    let description = table.required("description", text);
    let license = table.required("license", text);
    let architecture = table.required("architecture", |node, problems| node.choice(&ARCHITECTURES, problems));
    let dimension = table.required("dimension", count);
    let min_dimension = table.optional("min_dimension", count);
    let max_tokens = table.required("max_tokens", count);
    let pooling = table.required("pooling", |node, problems| node.choice(&POOLINGS, problems));
    let normalize = table.required("normalize", Node::boolean);
    let query_template = table.optional("query_template", Node::string);
    let passage_template = table.optional("passage_template", Node::string);
    let default_task = table.optional("default_task", text);
    let alias = |node: &Node, problems: &mut Problems| node.text(words::KEY, words::is_key, problems);
    let aliases = table.optional("aliases", |node, problems| node.array(alias, problems));
    let check = table.optional("check", check);
    let files = table.optional("files", |node, problems| node.array(file, problems));
    let variants = table.required("variants", |node, problems| node.some("variant", variant, problems));
    table.finish();
    Some(ModelEntry {
        key: key.to_owned(),
        name: name?,
        description: description?,
        license: license?,
        architecture: architecture?,
        dimension: dimension?,
        min_dimension,
        max_tokens: max_tokens?,
        pooling: pooling?,
        normalize: normalize?,
        query_template,
        passage_template,
        default_task,
        aliases: aliases.unwrap_or_default(),
        check,
        files: files.unwrap_or_default(),
        variants: variants?,
    })
}

fn variant(node: &Node, problems: &mut Problems) -> Option<ModelVariant> {
    let mut table = node.table(problems)?;
    let name = table.required("name", |node, problems| node.text(words::VARIANT, words::is_variant, problems));
    let runtime = table.required("runtime", |node, problems| node.choice(&RUNTIMES, problems));
    let numerics = table.optional("numerics", |node, problems| node.choice(&NUMERICS, problems));
    let quality = table.optional("quality", quality);
    let weights_size = table.optional("weights_size", count).map(|size| size as u64);
    let files = table.required("files", |node, problems| node.some("file", file, problems));
    table.finish();
    Some(ModelVariant { name: name?, runtime: runtime?, numerics, quality, weights_size, files: files? })
}

fn quality(node: &Node, problems: &mut Problems) -> Option<VariantQuality> {
    let mut table = node.table(problems)?;
    let cosine_min = table.required("cosine_min", cosine);
    let cosine_mean = table.required("cosine_mean", cosine);
    let texts = table.required("texts", count);
    table.finish();
    Some(VariantQuality { cosine_min: cosine_min?, cosine_mean: cosine_mean?, texts: texts? })
}

fn check(node: &Node, problems: &mut Problems) -> Option<ModelCheck> {
    let mut table = node.table(problems)?;
    let queries = table.required("queries", |node, problems| node.some("text", text, problems));
    let documents = table.required("documents", |node, problems| node.some("text", text, problems));
    let row = |node: &Node, problems: &mut Problems| node.array(cosine, problems);
    let scores = table.required("scores", |node, problems| node.array(row, problems));
    let tolerance = table.required("tolerance", tolerance_of);
    let tolerances = table.optional("tolerances", |node, problems| {
        let mut table = node.table(problems)?;
        // Float32's stands above.
        let found =
            NUMERICS[1..].iter().filter_map(|(name, numerics)| Some((*numerics, table.optional(name, tolerance_of)?)));
        let found = found.collect();
        table.finish();
        Some(found)
    });
    let source = table.required("source", text);
    table.finish();
    Some(ModelCheck {
        queries: queries?,
        documents: documents?,
        scores: scores?,
        tolerance: tolerance?,
        tolerances: tolerances.unwrap_or_default(),
        source: source?,
    })
}

fn file(node: &Node, problems: &mut Problems) -> Option<EntryFile> {
    let mut table = node.table(problems)?;
    let role = table.required("role", |node, problems| node.choice(&ROLES, problems));
    let path = table.required("path", text);
    let size = table.optional("size", count);
    let sha256 = table.optional("sha256", sha256);
    let sources = table.required("sources", |node, problems| node.some("source", source, problems));
    table.finish();
    Some(EntryFile { role: role?, path: path?, size: size.map(|size| size as u64), sha256, sources: sources? })
}

/// Its `kind` decides which keys a source has.
fn source(node: &Node, problems: &mut Problems) -> Option<Source> {
    let toml::de::DeValue::Table(entries) = node.value else {
        node.choice(&KINDS, problems)?;
        return None;
    };
    let mut table = Table::new(entries, node.path.clone(), problems);
    if !entries.contains_key("kind") {
        table.without_kind("kind");
        return None;
    }
    let read = table.required("kind", |node, problems| node.choice(&KINDS, problems))?;
    read(node, problems)
}

fn hub(node: &Node, problems: &mut Problems) -> Option<Source> {
    let mut table = node.table(problems)?;
    table.required("kind", Node::string);
    let repo = table.required("repo", |node, problems| node.text(words::REPOSITORY, words::is_repository, problems));
    let revision =
        table.required("revision", |node, problems| node.text(words::REVISION, words::is_revision, problems));
    let path = table.required("path", text);
    table.finish();
    Some(Source::Hub { repo: repo?, revision: revision?, path: path? })
}

fn wheel(node: &Node, problems: &mut Problems) -> Option<Source> {
    let mut table = node.table(problems)?;
    table.required("kind", Node::string);
    let package = table.required("package", |node, problems| node.text(words::PACKAGE, words::is_package, problems));
    let version = table.required("version", |node, problems| node.text(words::VERSION, words::is_version, problems));
    let wheel_sha256 = table.required("wheel_sha256", sha256);
    let path = table.required("path", text);
    table.finish();
    Some(Source::Wheel { package: package?, version: version?, wheel_sha256: wheel_sha256?, path: path? })
}

fn url(node: &Node, problems: &mut Problems) -> Option<Source> {
    let mut table = node.table(problems)?;
    table.required("kind", Node::string);
    let url = table.required("url", |node, problems| node.text(words::URL, words::is_url, problems));
    table.finish();
    Some(Source::Url { url: url? })
}

fn dir(node: &Node, problems: &mut Problems) -> Option<Source> {
    let mut table = node.table(problems)?;
    table.required("kind", Node::string);
    let path = table.required("path", text);
    table.finish();
    Some(Source::Dir { path: path? })
}

fn text(node: &Node, problems: &mut Problems) -> Option<String> {
    node.text("some text", |text| !text.is_empty(), problems)
}

fn sha256(node: &Node, problems: &mut Problems) -> Option<String> {
    node.text(words::SHA256, words::is_sha256, problems)
}

fn count(node: &Node, problems: &mut Problems) -> Option<usize> {
    node.number(&COUNT, problems).map(|value| value as usize)
}

fn cosine(node: &Node, problems: &mut Problems) -> Option<f64> {
    node.number(&COSINE, problems)
}

fn tolerance_of(node: &Node, problems: &mut Problems) -> Option<f64> {
    node.number(&TOLERANCE, problems)
}
