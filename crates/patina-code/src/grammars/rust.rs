//! Rust.

use tree_sitter::Node;

use crate::grammar::{Found, Grammar, Here, Role, as_name, last_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("attribute_item", Role::Attribute),
    ("function_item", Role::Define(Kind::Function)),
    ("function_signature_item", Role::Define(Kind::Function)),
    ("struct_item", Role::Define(Kind::Struct)),
    ("union_item", Role::Define(Kind::Struct)),
    ("enum_item", Role::Define(Kind::Enum)),
    ("trait_item", Role::Define(Kind::Trait)),
    ("type_item", Role::Define(Kind::Type)),
    ("associated_type", Role::Define(Kind::Type)),
    ("macro_definition", Role::Define(Kind::Macro)),
    ("impl_item", Role::DefineBy(implementation)),
    ("mod_item", Role::DefineOrImport(module, module_elsewhere)),
    ("const_item", Role::DefineBy(constant)),
    ("static_item", Role::DefineBy(constant)),
    ("use_declaration", Role::Import(uses)),
    ("extern_crate_declaration", Role::Import(extern_crate)),
    ("call_expression", Role::Call("function")),
    ("macro_invocation", Role::Call("macro")),
];

/// The grammar.
pub(super) fn grammar() -> Grammar {
    let documents = |comment: &str| {
        (comment.starts_with("///") && !comment.starts_with("////"))
            || (comment.starts_with("/**") && !comment.starts_with("/***"))
    };
    Grammar::new(tree_sitter_rust::LANGUAGE.into(), ROLES, documents)
}

fn implementation(here: &Here) -> Option<Found> {
    Some(Found::new(Kind::Impl, last_name(here.field("type")?, here.text)?))
}

fn module(here: &Here) -> Option<Found> {
    here.field("body")?;
    Some(Found::new(Kind::Module, here.name_in("name")?))
}

/// `mod parse;`: the module is a file.
fn module_elsewhere(here: &Here) -> Vec<Import> {
    let name = here.name_in("name").filter(|_| here.field("body").is_none());
    let import = name.map(|name| Import { module: format!("self::{name}"), names: Vec::new(), line: here.line() });
    import.into_iter().collect()
}

fn constant(here: &Here) -> Option<Found> {
    let name = here.name_in("name").filter(|name| here.at_top && *name != "_")?;
    Some(Found::new(Kind::Constant, name))
}

fn extern_crate(here: &Here) -> Vec<Import> {
    let import =
        here.name_in("name").map(|name| Import { module: name.to_owned(), names: Vec::new(), line: here.line() });
    import.into_iter().collect()
}

/// The modules that a `use` names, each with what is taken from it; lists in lists are opened.
fn uses(here: &Here) -> Vec<Import> {
    /// A deeper list, or more modules in one `use`, nobody writes.
    const MOST: usize = 500;
    let mut imports: Vec<Import> = Vec::new();
    let mut open: Vec<(String, Node)> =
        here.field("argument").map(|argument| (String::new(), argument)).into_iter().collect();
    let mut looked_at = 0;
    while let Some((prefix, node)) = open.pop() {
        looked_at += 1;
        if looked_at > MOST {
            break;
        }
        match node.kind() {
            "use_list" => {
                let mut cursor = node.walk();
                let children: Vec<Node> = node.named_children(&mut cursor).take(MOST).collect();
                open.extend(children.into_iter().rev().map(|child| (prefix.clone(), child)));
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path").map_or("", |path| here.text_of(path));
                if let (Some(list), Some(path)) = (node.child_by_field_name("list"), joined(&prefix, path)) {
                    open.push((path, list));
                }
            }
            "use_as_clause" => {
                open.extend(node.child_by_field_name("path").map(|path| (prefix, path)));
            }
            "use_wildcard" => {
                let path = node.named_child(0).map_or("", |path| here.text_of(path));
                if let Some(module) = joined(&prefix, path) {
                    add(&mut imports, module, "*", here.line());
                }
            }
            _ => {
                let Some(path) = joined(&prefix, here.text_of(node)) else { continue };
                match path.rsplit_once("::") {
                    Some((module, "self")) => add(&mut imports, module.to_owned(), "", here.line()),
                    Some((module, name)) => add(&mut imports, module.to_owned(), name, here.line()),
                    None => add(&mut imports, path, "", here.line()),
                }
            }
        }
    }
    imports
}

fn joined(prefix: &str, path: &str) -> Option<String> {
    let path = as_name(path)?;
    let whole = if prefix.is_empty() { path.to_owned() } else { format!("{prefix}::{path}") };
    as_name(&whole).map(str::to_owned)
}

/// Adds a name to the import of its module; the empty name is the module as a whole.
fn add(imports: &mut Vec<Import>, module: String, name: &str, line: u32) {
    let names = (!name.is_empty()).then(|| name.to_owned());
    match imports.last_mut().filter(|last| last.module == module) {
        Some(last) => last.names.extend(names),
        None => imports.push(Import { module, names: names.into_iter().collect(), line }),
    }
}
