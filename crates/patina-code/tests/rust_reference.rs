//! The outlines of this workspace's own Rust, held against what `syn` reads in the same files.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use patina_code::{Kind, Language, outline};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Kind, name, first and last line.
type Found = (String, String, usize, usize);

#[derive(Default)]
struct Reference {
    found: BTreeSet<Found>,
    /// Whether what is visited is in a trait or `impl`.
    in_type: bool,
    /// Depth of functions around, in which constants do not count.
    functions: usize,
}

impl Reference {
    fn add(&mut self, kind: Kind, name: &str, span: proc_macro2::Span) {
        self.found.insert((kind.name().to_owned(), name.to_owned(), span.start().line, span.end().line));
    }

    fn function(&mut self, name: &syn::Ident, span: proc_macro2::Span, body: impl FnOnce(&mut Self)) {
        self.add(if self.in_type { Kind::Method } else { Kind::Function }, &name.to_string(), span);
        let in_type = std::mem::take(&mut self.in_type);
        self.functions += 1;
        body(self);
        self.functions -= 1;
        self.in_type = in_type;
    }

    fn members(&mut self, visit: impl FnOnce(&mut Self)) {
        let in_type = std::mem::replace(&mut self.in_type, true);
        let functions = std::mem::take(&mut self.functions);
        visit(self);
        (self.in_type, self.functions) = (in_type, functions);
    }
}

impl<'ast> Visit<'ast> for Reference {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, item.span(), |inner| visit::visit_item_fn(inner, item));
    }
    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, item.span(), |inner| visit::visit_impl_item_fn(inner, item));
    }
    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig.ident, item.span(), |inner| visit::visit_trait_item_fn(inner, item));
    }
    fn visit_foreign_item_fn(&mut self, item: &'ast syn::ForeignItemFn) {
        self.function(&item.sig.ident, item.span(), |_| {});
    }
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(Kind::Struct, &item.ident.to_string(), item.span());
        visit::visit_item_struct(self, item);
    }
    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(Kind::Enum, &item.ident.to_string(), item.span());
        visit::visit_item_enum(self, item);
    }
    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(Kind::Type, &item.ident.to_string(), item.span());
    }
    fn visit_impl_item_type(&mut self, item: &'ast syn::ImplItemType) {
        self.add(Kind::Type, &item.ident.to_string(), item.span());
    }
    fn visit_trait_item_type(&mut self, item: &'ast syn::TraitItemType) {
        self.add(Kind::Type, &item.ident.to_string(), item.span());
    }
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if self.functions == 0 && item.ident != "_" {
            self.add(Kind::Constant, &item.ident.to_string(), item.span());
        }
        visit::visit_item_const(self, item);
    }
    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.add(Kind::Constant, &item.ident.to_string(), item.span());
    }
    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.add(Kind::Constant, &item.ident.to_string(), item.span());
    }
    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if self.functions == 0 {
            self.add(Kind::Constant, &item.ident.to_string(), item.span());
        }
        visit::visit_item_static(self, item);
    }
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.add(Kind::Module, &item.ident.to_string(), item.span());
        }
        visit::visit_item_mod(self, item);
    }
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(name) = &item.ident {
            self.add(Kind::Macro, &name.to_string(), item.span());
        }
    }
    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(Kind::Trait, &item.ident.to_string(), item.span());
        self.members(|inner| visit::visit_item_trait(inner, item));
    }
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let mut of = &*item.self_ty;
        while let syn::Type::Reference(reference) = of {
            of = &reference.elem;
        }
        let name = match of {
            syn::Type::Path(path) => path.path.segments.last().unwrap().ident.to_string(),
            syn::Type::TraitObject(object) => match object.bounds.first().unwrap() {
                syn::TypeParamBound::Trait(bound) => bound.path.segments.last().unwrap().ident.to_string(),
                _ => unreachable!("a trait object of a lifetime"),
            },
            _ => return self.members(|inner| visit::visit_item_impl(inner, item)),
        };
        self.add(Kind::Impl, &name, item.span());
        self.members(|inner| visit::visit_item_impl(inner, item));
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Comments that `syn` does not see belong to what is under them; only those may be what a definition begins with besides.
fn without_plain_comments(text: &str, start: u32) -> usize {
    let lines = text.lines().skip(start as usize - 1).map(str::trim_start);
    let plain = |line: &&str| line.starts_with("//") && (!line.starts_with("///") || line.starts_with("////"));
    start as usize + lines.take_while(plain).count()
}

#[test]
fn every_rust_file_here_has_the_definitions_that_syn_finds() {
    let mut files = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    assert!(files.len() > 100, "this workspace has more files than {}", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut reference = Reference::default();
        reference.visit_file(&syn::parse_file(&text).unwrap());
        let outline = outline(Language::Rust, &text).unwrap();
        assert!(!outline.broken, "{}", path.display());
        let found: BTreeSet<Found> = outline
            .definitions
            .iter()
            .map(|found| {
                let start = without_plain_comments(&text, found.start_line);
                (found.kind.name().to_owned(), found.name.clone(), start, found.end_line as usize)
            })
            .collect();
        let missing: Vec<_> = reference.found.difference(&found).collect();
        let more: Vec<_> = found.difference(&reference.found).collect();
        assert!(missing.is_empty() && more.is_empty(), "{}: {missing:#?} missing, {more:#?} more", path.display());
    }
}
