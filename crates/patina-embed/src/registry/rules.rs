//! What the schema cannot say: rules that hold between several keys of an entry.

use std::collections::HashSet;

use super::entry::{EntryFile, ModelCheck, ModelEntry, ModelVariant, Source};
use super::problem::{Path, Problem, quoted};
use super::table::Problems;
use crate::spec::FileRole;

/// The name the store keeps its own record under, beside a model's files.
const RECORD_NAME: &str = "verified.json";

/// Notes what is wrong between the keys of an entry.
pub(super) fn check_entry(entry: &ModelEntry, problems: &mut Problems) {
    let path = Path::default().key("models").key(&entry.key);
    check_templates(&path, entry, problems);
    if let Some(least) = entry.min_dimension.filter(|least| *least > entry.dimension) {
        let message = format!("min_dimension {least} is above the dimension {}", entry.dimension);
        problems.push(Problem::new(path.key("min_dimension"), message));
    }
    if let Some(check) = &entry.check {
        check_scores(&path.key("check"), check, problems);
    }
    check_files(&path, &entry.files, problems);
    let mut seen = HashSet::new();
    for (index, variant) in entry.variants.iter().enumerate() {
        let at = path.key("variants").index(index);
        if !seen.insert((&variant.name, variant.runtime)) {
            let message = format!("the variant {} on {} is there twice", variant.name, variant.runtime.name());
            problems.push(Problem::new(at.clone(), message));
        }
        check_quality(&at, variant, problems);
        check_files(&at, &variant.files, problems);
        check_set(&at, &entry.files.iter().chain(&variant.files).collect::<Vec<_>>(), problems);
    }
}

fn check_templates(path: &Path, entry: &ModelEntry, problems: &mut Problems) {
    let templates = [("query_template", &entry.query_template), ("passage_template", &entry.passage_template)];
    for (key, template) in templates {
        let Some(template) = template else { continue };
        if template.matches("{text}").count() != 1 {
            problems.push(Problem::new(path.key(key), format!("{key} must hold {{text}} exactly once")));
        }
        if let Some(unknown) = unknown_part(template) {
            let message = format!("{key} holds {unknown}; only {{text}} and {{task}} are filled in");
            problems.push(Problem::new(path.key(key), message));
        }
    }
    let takes_task = templates.iter().any(|(_, text)| text.as_ref().is_some_and(|text| text.contains("{task}")));
    let at = path.key("default_task");
    match (takes_task, &entry.default_task) {
        (true, None) => problems.push(Problem::new(at, "a template with {task} needs a default_task")),
        (false, Some(_)) => {
            problems.push(Problem::new(at, "default_task has no effect: no template holds {task}"));
        }
        _ => {}
    }
}

/// The first `{word}` of a template that nothing fills in.
fn unknown_part(template: &str) -> Option<&str> {
    template.match_indices('{').find_map(|(start, _)| {
        let rest = &template[start..];
        let part = &rest[..=rest.find('}')?];
        let word = &part[1..part.len() - 1];
        let is_word = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        (is_word && word != "text" && word != "task").then_some(part)
    })
}

fn check_scores(path: &Path, check: &ModelCheck, problems: &mut Problems) {
    let table = path.key("scores");
    let (queries, documents) = (check.queries.len(), check.documents.len());
    if check.scores.len() != queries {
        let rows = many(check.scores.len(), "row", "rows");
        let message = format!(
            "scores has {rows} for {}; it takes one row a query, one score a document",
            many(queries, "query", "queries")
        );
        problems.push(Problem::new(table.clone(), message));
    }
    for (index, row) in check.scores.iter().enumerate().filter(|(_, row)| row.len() != documents) {
        let scores = many(row.len(), "score", "scores");
        let message =
            format!("row {} of scores has {scores} for {}", index + 1, many(documents, "document", "documents"));
        problems.push(Problem::new(table.index(index), message));
    }
    for (numerics, wider) in check.tolerances.iter().filter(|(_, wider)| **wider < check.tolerance) {
        let name = numerics.name();
        let least = check.tolerance;
        let message = format!("the tolerance {wider} of {name} is below the {least} of float32, which is nearer");
        problems.push(Problem::new(path.key("tolerances").key(name), message));
    }
}

fn check_quality(path: &Path, variant: &ModelVariant, problems: &mut Problems) {
    let Some(quality) = variant.quality else { return };
    let at = path.key("quality");
    if quality.cosine_min > quality.cosine_mean {
        let message = format!("cosine_min {} is above cosine_mean {}", quality.cosine_min, quality.cosine_mean);
        problems.push(Problem::new(at.key("cosine_min"), message));
    }
    if variant.numerics.is_none() {
        let message = "quality needs numerics beside it: how fast the variant is follows from them";
        problems.push(Problem::new(at, message));
    }
}

fn check_files(path: &Path, files: &[EntryFile], problems: &mut Problems) {
    let mut check = |at: Path, path: &str| {
        if let Some(reason) = unsafe_path(path) {
            problems.push(Problem::new(at, format!("the path {} {reason}", quoted(path))));
        }
    };
    let mut relative = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let at = path.key("files").index(index);
        check(at.key("path"), &file.path);
        for (index, source) in file.sources.iter().enumerate() {
            let at = at.key("sources").index(index).key("path");
            match source {
                Source::Hub { path, .. } | Source::Wheel { path, .. } => check(at, path),
                Source::Dir { path } if !std::path::Path::new(path).is_absolute() => relative.push(at),
                Source::Dir { .. } | Source::Url { .. } => {}
            }
        }
    }
    let message = "a dir source outside a project's own overlay is an absolute path";
    problems.extend(relative.into_iter().map(|at| Problem::new(at, message)));
}

/// The shared files and a variant's own lie in one folder.
fn check_set(path: &Path, files: &[&EntryFile], problems: &mut Problems) {
    let mut seen = HashSet::from([RECORD_NAME.to_owned()]);
    for file in files {
        // Two names that differ in case alone are one file on macOS and Windows.
        if !seen.insert(file.path.to_lowercase()) {
            let message = format!("two files of this variant share the path {}", quoted(&file.path));
            problems.push(Problem::new(path.clone(), message));
        }
    }
    for (name, role) in [("tokenizer", FileRole::Tokenizer), ("weights", FileRole::Weights)] {
        if !files.iter().any(|file| file.role == role) {
            problems.push(Problem::new(path.clone(), format!("this variant has no file with the role {name:?}")));
        }
    }
}

/// Why a file's path inside a model, a wheel or a repository cannot be used: such a path is relative, goes down only,
/// and means the same file on every operating system.
fn unsafe_path(path: &str) -> Option<&'static str> {
    let mut letters = path.chars();
    let drive = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && letters.next() == Some(':');
    if path.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Some("holds a control character");
    }
    if path.contains('\\') {
        return Some("holds a backslash");
    }
    if path.starts_with('/') || drive {
        return Some("is absolute");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("has an empty, \".\" or \"..\" part");
    }
    let held = |part: &str| !part.ends_with(['.', ' ']) && !part.contains(['<', '>', ':', '"', '|', '?', '*']);
    (!path.split('/').all(held)).then_some("has a name that Windows cannot hold")
}

fn many(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
