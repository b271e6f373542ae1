//! What a grammar's nodes mean: the table that each file below [`crate::grammars`] fills in for its language.

use std::collections::HashMap;
use std::sync::OnceLock;

use tree_sitter::Node;

use crate::language::Language;
use crate::outline::{Import, Kind};

/// A longer name is data, and would be repeated in the trail of all that it encloses.
const LONGEST_NAME: usize = 200;

/// What the nodes of one kind are.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Nothing of its own.
    Plain,
    /// A definition with its name in the field `name`.
    Define(Kind),
    /// A definition where this finds one.
    DefineBy(fn(&Here) -> Option<Found>),
    /// What is written around a definition and belongs to it: `export`, `template<…>`, the decorators of Python.
    Wrapper,
    /// A wrapper that may be a definition itself, or an import where it is none.
    DefineOrImport(fn(&Here) -> Option<Found>, fn(&Here) -> Vec<Import>),
    /// A comment.
    Comment,
    /// An attribute or decorator in front of what it is for.
    Attribute,
    /// One or more imports.
    Import(fn(&Here) -> Vec<Import>),
    /// A call; the field has what is called.
    Call(&'static str),
    /// A call that may be an import as well.
    CallOrImport(&'static str, fn(&Here) -> Vec<Import>),
}

/// A definition before its place is known.
pub(crate) struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What its name says it belongs to: a receiver's type, `Outer::Inner` in C++.
    pub scope: Option<String>,
}

impl Found {
    /// A definition that is where it stands.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), scope: None }
    }
}

/// A node and where it is.
pub(crate) struct Here<'tree, 'text> {
    /// The node.
    pub node: Node<'tree>,
    /// The whole text.
    pub text: &'text str,
    /// The definition around it.
    pub owner: Option<Kind>,
    /// Whether nothing but wrappers is between it and the text's top or a container's body.
    pub at_top: bool,
}

impl<'tree, 'text> Here<'tree, 'text> {
    /// The text of a node.
    pub fn text_of(&self, node: Node) -> &'text str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The child in a field.
    pub fn field(&self, name: &str) -> Option<Node<'tree>> {
        self.node.child_by_field_name(name)
    }

    /// The text in a field, where it can be a name.
    pub fn name_in(&self, field: &str) -> Option<&'text str> {
        self.field(field).and_then(|node| as_name(self.text_of(node)))
    }

    /// The line it starts on, from 1.
    pub fn line(&self) -> u32 {
        self.node.start_position().row as u32 + 1
    }
}

/// A text that can be a name.
pub(crate) fn as_name(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST_NAME && !text.contains('\n')).then_some(text)
}

/// The last name of an expression or type that is made of names: `c` of `a.b::c<T>`; what a call gives back has none. Bounded,
/// however deep it nests.
pub(crate) fn last_name<'text>(node: Node, text: &'text str) -> Option<&'text str> {
    const FIELDS: [&str; 7] = ["property", "field", "attribute", "name", "function", "type", "operand"];
    let mut node = node;
    for _ in 0..32 {
        if ["call", "call_expression", "method_invocation"].contains(&node.kind()) {
            return None;
        }
        match FIELDS.iter().find_map(|field| node.child_by_field_name(field)) {
            Some(inner) => node = inner,
            // Java's generic types have their name first and in no field.
            None if node.named_child_count() == 1 || node.kind() == "generic_type" => node = node.named_child(0)?,
            None => break,
        }
    }
    as_name(text.get(node.byte_range())?)
        .filter(|name| name.chars().all(|character| character.is_alphanumeric() || "_$#!?~".contains(character)))
}

/// A language's grammar with the roles of its nodes.
pub(crate) struct Grammar {
    /// The parser's tables.
    pub language: tree_sitter::Language,
    /// Whether a comment documents what follows it.
    pub documents: fn(&str) -> bool,
    /// Documentation that is written within a definition.
    pub doc_inside: Option<fn(&Here) -> Option<String>>,
    roles: Vec<Role>,
}

impl Grammar {
    /// A grammar whose nodes have these roles; all others have none.
    pub fn new(language: tree_sitter::Language, roles: &[(&str, Role)], documents: fn(&str) -> bool) -> Self {
        let by_name: HashMap<&str, Role> = roles.iter().copied().collect();
        let role = |id: usize| {
            let id = id as u16;
            let name = language.node_kind_for_id(id).filter(|_| language.node_kind_is_named(id));
            name.and_then(|name| by_name.get(name)).copied().unwrap_or(Role::Plain)
        };
        let roles = (0..language.node_kind_count()).map(role).collect();
        Self { language, documents, doc_inside: None, roles }
    }

    /// The grammar of a language, set up once.
    pub fn of(language: Language) -> &'static Self {
        static GRAMMARS: [OnceLock<Grammar>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        GRAMMARS[language as usize].get_or_init(|| crate::grammars::grammar(language))
    }

    /// What a node is. One that stands for an error has an id beyond the grammar's.
    pub fn role(&self, node: Node) -> Role {
        self.roles.get(usize::from(node.kind_id())).copied().unwrap_or(Role::Plain)
    }
}
