//! From a syntax tree to an outline: one pass over its nodes, without recursion, so that no depth of nesting matters.

use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::comments::{Run, doc_of_comments};
use crate::grammar::{Found, Grammar, Here, Role, as_name, last_name};
use crate::outline::{Call, Definition, Kind, Outline};

/// Where the walk is: one for every node around the one it looks at.
struct Frame {
    /// The definition that the node's children are in.
    owner: Option<usize>,
    /// Whether children are at the top of the text or of a container's body.
    at_top: bool,
    /// Whether a child may be the body of a container.
    holds_body: bool,
    /// Of a wrapper around one definition: what that one takes for its own.
    around: Option<Around>,
    /// Comments and attributes that have been passed and may belong to the next child.
    run: Option<Run>,
}

impl Frame {
    /// One that tells its children nothing but the definition that they are in.
    fn within(owner: Option<usize>) -> Self {
        Self { owner, at_top: false, holds_body: false, around: None, run: None }
    }
}

/// The extent of a definition with what is written around and above it.
#[derive(Clone)]
struct Around {
    bytes: Range<usize>,
    /// First and last, from 1.
    lines: (u32, u32),
    comments: Vec<Range<usize>>,
}

struct Walk<'grammar, 'text> {
    grammar: &'grammar Grammar,
    text: &'text str,
    outline: Outline,
}

/// The outline of a tree.
pub(crate) fn walk(grammar: &Grammar, tree: &Tree, text: &str) -> Outline {
    let outline = Outline { broken: tree.root_node().has_error(), ..Outline::default() };
    let mut walk = Walk { grammar, text, outline };
    let mut frames = vec![Frame { owner: None, at_top: true, holds_body: false, around: None, run: None }];
    let mut cursor = tree.walk();
    if !cursor.goto_first_child() {
        return walk.outline;
    }
    while let Some(parent) = frames.last_mut() {
        let child = walk.visit(cursor.node(), parent);
        if cursor.goto_first_child() {
            frames.push(child);
            continue;
        }
        while !cursor.goto_next_sibling() {
            frames.pop();
            if frames.is_empty() || !cursor.goto_parent() {
                return walk.outline;
            }
        }
    }
    walk.outline
}

impl Walk<'_, '_> {
    /// Takes note of a node; the result is the frame of its children.
    fn visit(&mut self, node: Node, parent: &mut Frame) -> Frame {
        let role = self.grammar.role(node);
        let plain = Frame::within(parent.owner);
        if let Role::Comment | Role::Attribute = role {
            let is_comment = matches!(role, Role::Comment);
            parent.run = Run::with(parent.run.take(), node.byte_range(), is_comment, self.text);
            return plain;
        }
        let run = parent.run.take().filter(|run| run.reaches(node.start_byte(), self.text));
        let owner = parent.owner.map(|owner| self.outline.definitions[owner].kind);
        let here = Here { node, text: self.text, owner, at_top: parent.at_top };
        match role {
            Role::Plain | Role::Comment | Role::Attribute => {
                Frame { at_top: parent.holds_body && node.is_named(), ..plain }
            }
            Role::Wrapper => self.wrapper(node, run, parent),
            Role::DefineOrImport(find, import) => {
                if let Some(found) = find(&here) {
                    return self.define(Some(found), &here, run, parent);
                }
                self.outline.imports.extend(import(&here));
                self.wrapper(node, run, parent)
            }
            Role::Define(kind) => {
                let found = here.name_in("name").map(|name| Found::new(kind, name));
                self.define(found, &here, run, parent)
            }
            Role::DefineBy(find) => {
                let found = find(&here);
                self.define(found, &here, run, parent)
            }
            Role::Import(find) => {
                self.outline.imports.extend(find(&here));
                plain
            }
            Role::Call(field) => {
                self.call(&here, field, parent.owner);
                plain
            }
            Role::CallOrImport(field, find) => {
                self.outline.imports.extend(find(&here));
                self.call(&here, field, parent.owner);
                plain
            }
        }
    }

    fn wrapper(&self, node: Node, run: Option<Run>, parent: &Frame) -> Frame {
        let around = self.defines_once(node).then(|| match &parent.around {
            Some(outer) => outer.clone(),
            None => around(node, run, self.text),
        });
        Frame { at_top: parent.at_top, around, ..Frame::within(parent.owner) }
    }

    fn define(&mut self, found: Option<Found>, here: &Here, run: Option<Run>, parent: &Frame) -> Frame {
        // C's `typedef struct name { … } name;` is one.
        let again = |found: &Found| {
            let owner = parent.owner.map(|owner| &self.outline.definitions[owner]);
            owner.is_some_and(|owner| owner.kind == Kind::Type && owner.name == found.name)
        };
        let Some(Found { kind, name, scope }) = found.filter(|found| !again(found)) else {
            return Frame::within(parent.owner);
        };
        let Around { bytes, lines, comments } =
            parent.around.clone().unwrap_or_else(|| around(here.node, run, self.text));
        let inner = self.grammar.doc_inside.and_then(|find| find(here));
        let in_type = here.owner.is_some_and(|owner| owner.has_members() && owner != Kind::Module);
        self.outline.definitions.push(Definition {
            kind: if kind == Kind::Function && in_type { Kind::Method } else { kind },
            name,
            scope,
            parent: parent.owner,
            bytes,
            start_line: lines.0,
            end_line: lines.1,
            doc: inner.unwrap_or_else(|| doc_of_comments(&comments, self.text, self.grammar.documents)),
        });
        Frame { holds_body: kind.has_members(), ..Frame::within(Some(self.outline.definitions.len() - 1)) }
    }

    fn call(&mut self, here: &Here, field: &str, within: Option<usize>) {
        let callee = here.field(field).and_then(|node| last_name(node, self.text)).and_then(as_name);
        if let Some(callee) = callee {
            self.outline.calls.push(Call { callee: callee.to_owned(), line: here.line(), within });
        }
    }

    /// Whether a wrapper is around one thing that may be a definition: what is around several belongs to none.
    fn defines_once(&self, wrapper: Node) -> bool {
        let mut cursor = wrapper.walk();
        let defines = |node: &Node| {
            use Role::{Define, DefineBy, DefineOrImport, Wrapper};
            matches!(self.grammar.role(*node), Define(_) | DefineBy(_) | DefineOrImport(..) | Wrapper)
        };
        wrapper.named_children(&mut cursor).filter(defines).take(2).count() == 1
    }
}

/// A node with the comments and attributes above it. The line breaks that some nodes end with are left out.
fn around(node: Node, run: Option<Run>, text: &str) -> Around {
    let own = node.byte_range();
    let newlines = |bytes: Range<usize>| text.get(bytes).unwrap_or_default().matches('\n').count() as u32;
    let end = text.get(own.clone()).map_or(own.end, |written| own.start + written.trim_end().len());
    let (start, comments) = run.map_or((own.start, Vec::new()), Run::into_parts);
    let first = node.start_position().row as u32 + 1 - newlines(start..own.start);
    let last = node.end_position().row as u32 + 1 - newlines(end..own.end);
    Around { bytes: start..end, lines: (first, last), comments }
}
