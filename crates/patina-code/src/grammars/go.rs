//! Go.

use crate::grammar::{Found, Grammar, Here, Role, last_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("type_declaration", Role::Wrapper),
    ("const_declaration", Role::Wrapper),
    ("var_declaration", Role::Wrapper),
    ("var_spec_list", Role::Wrapper),
    ("function_declaration", Role::Define(Kind::Function)),
    ("method_declaration", Role::DefineBy(method)),
    ("type_spec", Role::DefineBy(type_of)),
    ("type_alias", Role::Define(Kind::Type)),
    ("const_spec", Role::DefineBy(constant)),
    ("var_spec", Role::DefineBy(constant)),
    ("import_spec", Role::Import(imports)),
    ("call_expression", Role::Call("function")),
];

/// The grammar. Any comment above a definition documents it, as godoc has it.
pub(super) fn grammar() -> Grammar {
    Grammar::new(tree_sitter_go::LANGUAGE.into(), ROLES, |comment| !comment.starts_with("//go:"))
}

fn method(here: &Here) -> Option<Found> {
    let receiver = here.field("receiver").and_then(|list| list.named_child(0));
    let scope = receiver.and_then(|receiver| last_name(receiver.child_by_field_name("type")?, here.text));
    let found = Found::new(Kind::Method, here.name_in("name")?);
    Some(Found { scope: scope.map(str::to_owned), ..found })
}

fn type_of(here: &Here) -> Option<Found> {
    let kind = match here.field("type")?.kind() {
        "struct_type" => Kind::Struct,
        "interface_type" => Kind::Interface,
        _ => Kind::Type,
    };
    Some(Found::new(kind, here.name_in("name")?))
}

fn constant(here: &Here) -> Option<Found> {
    let name = here.name_in("name").filter(|name| here.at_top && here.owner.is_none() && *name != "_")?;
    Some(Found::new(Kind::Constant, name))
}

fn imports(here: &Here) -> Vec<Import> {
    let names = here.name_in("name").filter(|name| *name == ".").map(|_| "*".to_owned());
    let path = here.name_in("path").map(|path| path.trim_matches(['"', '`']).to_owned());
    let import = path.map(|module| Import { module, names: names.into_iter().collect(), line: here.line() });
    import.into_iter().collect()
}
