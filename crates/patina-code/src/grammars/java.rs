//! Java.

use crate::grammar::{Grammar, Here, Role, as_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("class_declaration", Role::Define(Kind::Class)),
    ("record_declaration", Role::Define(Kind::Class)),
    ("enum_declaration", Role::Define(Kind::Enum)),
    ("interface_declaration", Role::Define(Kind::Interface)),
    ("annotation_type_declaration", Role::Define(Kind::Interface)),
    ("method_declaration", Role::Define(Kind::Method)),
    ("constructor_declaration", Role::Define(Kind::Method)),
    ("compact_constructor_declaration", Role::Define(Kind::Method)),
    ("import_declaration", Role::Import(imports)),
    ("method_invocation", Role::Call("name")),
    ("object_creation_expression", Role::Call("type")),
];

/// The grammar.
pub(super) fn grammar() -> Grammar {
    Grammar::new(tree_sitter_java::LANGUAGE.into(), ROLES, |comment| comment.starts_with("/**"))
}

fn imports(here: &Here) -> Vec<Import> {
    let mut cursor = here.node.walk();
    let children: Vec<_> = here.node.named_children(&mut cursor).collect();
    let path = children.iter().find(|child| matches!(child.kind(), "scoped_identifier" | "identifier"));
    let Some(path) = path.and_then(|path| as_name(here.text_of(*path))) else { return Vec::new() };
    let all = children.iter().any(|child| child.kind() == "asterisk");
    let (module, name) = if all { (path, "*") } else { path.rsplit_once('.').unwrap_or(("", path)) };
    vec![Import { module: module.to_owned(), names: vec![name.to_owned()], line: here.line() }]
}
