//! Templates around texts: the only place where a prefix is written.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::options::TextKind;
use crate::spec::ModelSpec;

/// A template, split where the text goes, with its task filled in. The default one puts nothing around a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    before: String,
    after: String,
}

impl Prompt {
    /// The template that `spec` has for `kind`, with `task` (or the model's default task) filled in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where a task is given and the template takes none, or where it needs one and the
    /// model has no default.
    pub fn new(spec: &ModelSpec, kind: TextKind, task: Option<&str>) -> Result<Self> {
        let template = match kind {
            TextKind::Raw => None,
            TextKind::Query => spec.query_template.as_deref(),
            TextKind::Passage => spec.passage_template.as_deref(),
        }
        .unwrap_or("{text}");
        let (before, after) = template.split_once("{text}").unwrap_or((template, ""));
        let takes_task = before.contains("{task}") || after.contains("{task}");
        if task.is_some() && !takes_task {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("a task was given, and the {kind:?} template of model {} takes none: {template:?}", spec.key),
            ));
        }
        let task = task.or(spec.default_task.as_deref());
        let fill = |part: &str| match (part.contains("{task}"), task) {
            (false, _) => Ok(part.to_owned()),
            (true, Some(task)) => Ok(part.replace("{task}", task)),
            (true, None) => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("model {} needs a task for {template:?} and has no default one", spec.key),
            )),
        };
        Ok(Self { before: fill(before)?, after: fill(after)? })
    }

    /// The text as the model gets it. The template is read once, so a text that holds `{task}` or `{text}` stays as
    /// it is.
    #[must_use]
    pub fn render<'text>(&self, text: &'text str) -> Cow<'text, str> {
        if self.before.is_empty() && self.after.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(format!("{}{text}{}", self.before, self.after))
    }
}
