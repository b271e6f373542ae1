//! C and C++, whose grammar has the names of C's and more.

use tree_sitter::Node;

use crate::grammar::{Found, Grammar, Here, Role, as_name, last_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("template_declaration", Role::Wrapper),
    ("function_definition", Role::DefineBy(function)),
    ("declaration", Role::DefineBy(prototype)),
    ("field_declaration", Role::DefineBy(prototype)),
    ("struct_specifier", Role::DefineBy(with_body)),
    ("union_specifier", Role::DefineBy(with_body)),
    ("class_specifier", Role::DefineBy(with_body)),
    ("enum_specifier", Role::DefineBy(with_body)),
    ("type_definition", Role::DefineBy(alias)),
    ("alias_declaration", Role::Define(Kind::Type)),
    ("concept_definition", Role::Define(Kind::Type)),
    ("namespace_definition", Role::Define(Kind::Module)),
    ("preproc_def", Role::DefineBy(macro_value)),
    ("preproc_function_def", Role::Define(Kind::Macro)),
    ("preproc_include", Role::Import(include)),
    ("call_expression", Role::Call("function")),
    ("new_expression", Role::Call("type")),
];

/// The grammar over the tables of one of the two. Any comment above a definition is taken for its documentation.
pub(super) fn grammar(language: tree_sitter::Language) -> Grammar {
    Grammar::new(language, ROLES, |_| true)
}

/// A declarator without the pointers, references, arrays and parameters around its name, and whether it is a function's.
fn declared(declarator: Node) -> (Node, bool) {
    let (mut node, mut is_function) = (declarator, false);
    // Deeper nesting is no declaration that anyone reads.
    for _ in 0..32 {
        is_function |= node.kind() == "function_declarator";
        let inner = node.child_by_field_name("declarator").or_else(|| match node.kind() {
            "reference_declarator" | "parenthesized_declarator" => node.named_child(0),
            _ => None,
        });
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    (node, is_function)
}

/// A name with what is before its last `::`.
fn named(kind: Kind, node: Node, here: &Here) -> Option<Found> {
    let (mut node, mut scopes) = (node, Vec::new());
    for _ in 0..16 {
        if node.kind() != "qualified_identifier" {
            break;
        }
        let scope = node.child_by_field_name("scope").and_then(|scope| last_name(scope, here.text));
        scopes.extend(scope);
        node = node.child_by_field_name("name")?;
    }
    let name = as_name(here.text_of(node))?;
    let scope = (!scopes.is_empty()).then(|| scopes.join("."));
    let kind = if kind == Kind::Function && scope.is_some() { Kind::Method } else { kind };
    Some(Found { kind, name: name.to_owned(), scope })
}

fn function(here: &Here) -> Option<Found> {
    let (name, _) = declared(here.field("declarator")?);
    named(Kind::Function, name, here)
}

/// A function that is declared here and defined elsewhere.
fn prototype(here: &Here) -> Option<Found> {
    let (name, is_function) = declared(here.field("declarator")?);
    // Within a function it is rather a variable with its constructor's arguments.
    let can_be = here.owner.is_none_or(Kind::has_members);
    let is_name = matches!(name.kind(), "identifier" | "field_identifier" | "destructor_name" | "operator_name");
    if is_function && can_be && is_name { named(Kind::Function, name, here) } else { None }
}

fn with_body(here: &Here) -> Option<Found> {
    here.field("body")?;
    let kind = match here.node.kind() {
        "class_specifier" => Kind::Class,
        "enum_specifier" => Kind::Enum,
        _ => Kind::Struct,
    };
    named(kind, here.field("name")?, here)
}

fn alias(here: &Here) -> Option<Found> {
    let (name, _) = declared(here.field("declarator")?);
    named(Kind::Type, name, here)
}

/// A macro with a value; one without is a guard.
fn macro_value(here: &Here) -> Option<Found> {
    here.field("value")?;
    Some(Found::new(Kind::Macro, here.name_in("name")?))
}

fn include(here: &Here) -> Vec<Import> {
    let path = here.name_in("path").map(|path| path.trim_matches(['"', '<', '>']).to_owned());
    let import = path.map(|module| Import { module, names: Vec::new(), line: here.line() });
    import.into_iter().collect()
}
