//! Python.

use tree_sitter::Node;

use crate::grammar::{Found, Grammar, Here, Role, as_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("decorator", Role::Attribute),
    ("decorated_definition", Role::Wrapper),
    ("expression_statement", Role::Wrapper),
    ("function_definition", Role::Define(Kind::Function)),
    ("class_definition", Role::Define(Kind::Class)),
    ("assignment", Role::DefineBy(constant)),
    ("import_statement", Role::Import(imports)),
    ("import_from_statement", Role::Import(imports_from)),
    ("future_import_statement", Role::Import(imports_from)),
    ("call", Role::Call("function")),
];

/// The grammar.
pub(super) fn grammar() -> Grammar {
    let mut grammar = Grammar::new(tree_sitter_python::LANGUAGE.into(), ROLES, |_| false);
    grammar.doc_inside = Some(docstring);
    grammar
}

fn constant(here: &Here) -> Option<Found> {
    let name = here.field("left").filter(|left| left.kind() == "identifier")?;
    (here.at_top && here.owner.is_none())
        .then(|| as_name(here.text_of(name)))?
        .map(|name| Found::new(Kind::Constant, name))
}

/// The string that a body begins with, without its quotes and the indentation of its lines.
fn docstring(here: &Here) -> Option<String> {
    let body = here.field("body")?;
    let mut cursor = body.walk();
    let first = body.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
    let string = if first.kind() == "expression_statement" { first.named_child(0)? } else { first };
    let text = (string.kind() == "string").then(|| here.text_of(string))?;
    let text = text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| text.starts_with(quotes))?;
    let inner = text.strip_prefix(quotes)?.strip_suffix(quotes)?;
    Some(inner.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned())
}

fn imports(here: &Here) -> Vec<Import> {
    let module = |node: Node| as_name(here.text_of(unaliased(node))).map(str::to_owned);
    let mut cursor = here.node.walk();
    let named = here.node.children_by_field_name("name", &mut cursor).filter_map(module);
    named.map(|module| Import { module, names: Vec::new(), line: here.line() }).collect()
}

fn imports_from(here: &Here) -> Vec<Import> {
    let module =
        if here.node.kind() == "future_import_statement" { Some("__future__") } else { here.name_in("module_name") };
    let Some(module) = module else { return Vec::new() };
    let mut cursor = here.node.walk();
    let mut names: Vec<String> = here
        .node
        .children_by_field_name("name", &mut cursor)
        .filter_map(|node| as_name(here.text_of(unaliased(node))).map(str::to_owned))
        .collect();
    if here.node.named_children(&mut cursor).any(|child| child.kind() == "wildcard_import") {
        names.push("*".to_owned());
    }
    vec![Import { module: module.to_owned(), names, line: here.line() }]
}

/// `a` of `a as b`.
fn unaliased(node: Node) -> Node {
    if node.kind() == "aliased_import" { node.child_by_field_name("name").unwrap_or(node) } else { node }
}
