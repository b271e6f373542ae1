//! Why a runtime cannot be had, and what can be had instead.

use super::{MachineFacts, Offer, TooLarge, memory};
use crate::error::{Error, ErrorKind};
use crate::options::RuntimeRequest;
use crate::spec::Runtime;

/// Models that an error names as smaller ones.
const MOST_ALTERNATIVES: usize = 3;

/// Why one runtime was refused.
pub(super) enum Refusal {
    /// The machine or the build.
    Machine(String),
    /// The model has no files for it, only for these.
    NoFiles(Vec<Runtime>),
    /// Every set of files is too large.
    Memory(Vec<TooLarge>),
}

impl Refusal {
    /// For people.
    pub fn reason(&self) -> String {
        match self {
            Self::Machine(reason) => reason.clone(),
            Self::NoFiles(offered) => {
                let mut names: Vec<&str> = offered.iter().map(|runtime| runtime.name()).collect();
                names.sort_unstable();
                names.dedup();
                let only = if names.is_empty() { String::new() } else { format!(", only for {}", names.join(", ")) };
                format!("there are no files for it{only}")
            }
            Self::Memory(files) => {
                let each = files.iter().map(|TooLarge { variant, reason, .. }| {
                    if variant.is_empty() { reason.clone() } else { format!("{variant} does not fit: {reason}") }
                });
                each.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// The error where no runtime can be had, with the way out.
pub(super) fn error(
    facts: &MachineFacts,
    (offers, others): (&[Offer], &[Offer]),
    request: RuntimeRequest,
    reasons: &[String],
    refused: &[Refusal],
) -> Error {
    let model = offers.first().map_or("", |offer| &offer.model);
    let whom = if model.is_empty() { "this machine" } else { model };
    let what = match (request, refused) {
        (RuntimeRequest::Only(runtime), [refusal]) => {
            format!("runtime {} was asked for and cannot be had for {whom}: {}", runtime.name(), refusal.reason())
        }
        _ => format!("no runtime can be had for {whom} ({})", reasons.join("; ")),
    };
    let large = refused.iter().any(|refusal| matches!(refusal, Refusal::Memory(_)));
    let instead = if large && !others.is_empty() { alternatives(facts, offers, others) } else { String::new() };
    let message = format!(
        "{what}{instead}; `patina doctor` shows this machine, `patina model list` the models and their runtimes"
    );
    Error::new(ErrorKind::RuntimeUnavailable, message)
}

/// The largest set of files that fits of each model: what is nearest to what was asked for. The same model comes first,
/// then the largest.
fn alternatives(facts: &MachineFacts, offers: &[Offer], others: &[Offer]) -> String {
    let another = |offer: &Offer| offers.iter().all(|asked| asked.model != offer.model);
    let mut fitting: Vec<(u64, &Offer)> = others
        .iter()
        .filter(|offer| facts.why_not(offer.runtime, true).is_none())
        .filter_map(|offer| Some((memory::fits(facts, offer)?, offer)))
        .collect();
    fitting.sort_by(|(a, x), (b, y)| {
        another(x).cmp(&another(y)).then_with(|| b.cmp(a)).then_with(|| x.model.cmp(&y.model))
    });
    let mut seen: Vec<&str> = Vec::new();
    let mut words = Vec::new();
    for (need, Offer { model, variant, runtime, .. }) in fitting {
        if seen.contains(&model.as_str()) || seen.len() == MOST_ALTERNATIVES {
            continue;
        }
        seen.push(model);
        words.push(format!("{model} {variant} ({}, about {})", runtime.name(), memory::size(need)));
    }
    if words.is_empty() {
        return "; none of the known models is known to fit".to_owned();
    }
    format!(". What fits: {}", words.join(", "))
}
