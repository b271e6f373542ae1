//! TypeScript and JavaScript, whose grammars share their names.

use tree_sitter::Node;

use crate::grammar::{Found, Grammar, Here, Role, as_name};
use crate::outline::{Import, Kind};

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("decorator", Role::Attribute),
    ("export_statement", Role::DefineOrImport(default_export, imports)),
    ("ambient_declaration", Role::Wrapper),
    ("expression_statement", Role::Wrapper),
    ("lexical_declaration", Role::Wrapper),
    ("variable_declaration", Role::Wrapper),
    ("function_declaration", Role::Define(Kind::Function)),
    ("generator_function_declaration", Role::Define(Kind::Function)),
    ("function_signature", Role::Define(Kind::Function)),
    ("class_declaration", Role::Define(Kind::Class)),
    ("abstract_class_declaration", Role::Define(Kind::Class)),
    ("interface_declaration", Role::Define(Kind::Interface)),
    ("type_alias_declaration", Role::Define(Kind::Type)),
    ("enum_declaration", Role::Define(Kind::Enum)),
    ("internal_module", Role::DefineBy(module)),
    ("module", Role::DefineBy(module)),
    ("method_definition", Role::DefineBy(method)),
    ("abstract_method_signature", Role::DefineBy(method)),
    ("method_signature", Role::DefineBy(declared_method)),
    ("variable_declarator", Role::DefineBy(variable)),
    ("public_field_definition", Role::DefineBy(field)),
    ("field_definition", Role::DefineBy(field)),
    ("assignment_expression", Role::DefineBy(assignment)),
    ("import_statement", Role::Import(imports)),
    ("call_expression", Role::CallOrImport("function", required)),
    ("new_expression", Role::Call("constructor")),
];

/// The grammar over the tables of one of the languages.
pub(super) fn grammar(language: tree_sitter::Language) -> Grammar {
    Grammar::new(language, ROLES, |comment| comment.starts_with("/**"))
}

/// What a value makes of the variable that is bound to it.
fn kind_of(value: Node) -> Option<Kind> {
    match value.kind() {
        "arrow_function" | "function_expression" | "generator_function" => Some(Kind::Function),
        "class" => Some(Kind::Class),
        _ => None,
    }
}

fn variable(here: &Here) -> Option<Found> {
    let name = here.field("name").filter(|name| name.kind() == "identifier")?;
    let in_module = here.at_top && here.owner.is_none_or(|owner| owner == Kind::Module);
    let kind = here.field("value").and_then(kind_of).or(in_module.then_some(Kind::Constant))?;
    Some(Found::new(kind, as_name(here.text_of(name))?))
}

fn method(here: &Here) -> Option<Found> {
    Some(Found::new(Kind::Method, quoted(here.name_in("name")?)))
}

/// A method of a class that is only declared; those of an interface are its text.
fn declared_method(here: &Here) -> Option<Found> {
    if here.owner == Some(Kind::Class) { method(here) } else { None }
}

fn field(here: &Here) -> Option<Found> {
    here.field("value").and_then(kind_of)?;
    let name = here.name_in("name").or_else(|| here.name_in("property"))?;
    Some(Found::new(Kind::Method, quoted(name)))
}

/// `exports.search = function () {}`
fn assignment(here: &Here) -> Option<Found> {
    let kind = here.field("right").and_then(kind_of)?;
    let left = here.field("left").filter(|left| left.kind() == "member_expression")?;
    Some(Found::new(kind, as_name(here.text_of(left.child_by_field_name("property")?))?))
}

fn module(here: &Here) -> Option<Found> {
    Some(Found::new(Kind::Module, quoted(here.name_in("name")?)))
}

/// `export default` of what has no name.
fn default_export(here: &Here) -> Option<Found> {
    let value = here.field("value").filter(|value| value.child_by_field_name("name").is_none())?;
    Some(Found::new(kind_of(value)?, "default"))
}

fn quoted(name: &str) -> &str {
    name.trim_matches(['"', '\'', '`'])
}

fn string_in<'text>(here: &Here<'_, 'text>, node: Node) -> Option<&'text str> {
    (node.kind() == "string").then(|| quoted(here.text_of(node)))
}

/// What an `import` or an `export … from` takes.
fn imports(here: &Here) -> Vec<Import> {
    let mut cursor = here.node.walk();
    let require = here.node.named_children(&mut cursor).find(|child| child.kind() == "import_require_clause");
    let source = here.field("source").or_else(|| require.and_then(|clause| clause.child_by_field_name("source")));
    let Some(module) = source.and_then(|source| string_in(here, source)) else { return Vec::new() };
    let mut names = Vec::new();
    // A clause, its named part, a name: three levels, whatever the text.
    let mut level = vec![here.node];
    for _ in 0..3 {
        let mut next = Vec::new();
        for node in level {
            let mut cursor = node.walk();
            for child in node.children(&mut cursor) {
                match child.kind() {
                    "import_specifier" | "export_specifier" => {
                        let name = child.child_by_field_name("name");
                        names.extend(name.and_then(|name| as_name(here.text_of(name))).map(str::to_owned));
                    }
                    "identifier" if node.kind() == "import_clause" => names.push("default".to_owned()),
                    "namespace_import" | "namespace_export" => names.push("*".to_owned()),
                    "*" if node.kind() == "export_statement" => names.push("*".to_owned()),
                    "import_clause" | "named_imports" | "export_clause" => next.push(child),
                    _ => {}
                }
            }
        }
        level = next;
    }
    vec![Import { module: module.to_owned(), names, line: here.line() }]
}

/// `require("…")` and `import("…")`.
fn required(here: &Here) -> Vec<Import> {
    let called = here.field("function").filter(|called| ["require", "import"].contains(&here.text_of(*called)));
    let first = here.field("arguments").filter(|_| called.is_some()).and_then(|arguments| arguments.named_child(0));
    let module = first.and_then(|first| string_in(here, first));
    let import = module.map(|module| Import { module: module.to_owned(), names: Vec::new(), line: here.line() });
    import.into_iter().collect()
}
