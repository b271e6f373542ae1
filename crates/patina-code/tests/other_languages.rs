//! Outlines of languages without a reference at hand: expectations written by hand, from the languages' rules.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use patina_code::{Language, Outline, outline};

/// `first-last kind symbol: documentation`
fn definitions(outline: &Outline) -> Vec<String> {
    let line = |(index, found): (usize, &patina_code::Definition)| {
        let doc = if found.doc.is_empty() { String::new() } else { format!(": {}", found.doc.replace('\n', " / ")) };
        format!("{}-{} {} {}{doc}", found.start_line, found.end_line, found.kind.name(), outline.symbol(index))
    };
    outline.definitions.iter().enumerate().map(line).collect()
}

/// `line module name,name`
fn imports(outline: &Outline) -> Vec<String> {
    let line = |import: &patina_code::Import| {
        format!("{} {} {}", import.line, import.module, import.names.join(",")).trim_end().to_owned()
    };
    outline.imports.iter().map(line).collect()
}

/// `line callee in symbol`
fn calls(outline: &Outline) -> Vec<String> {
    let line = |call: &patina_code::Call| {
        let within = call.within.map_or_else(|| "nothing".to_owned(), |index| outline.symbol(index));
        format!("{} {} in {within}", call.line, call.callee)
    };
    outline.calls.iter().map(line).collect()
}

fn whole(language: Language, text: &str) -> Outline {
    let outline = outline(language, text).unwrap();
    assert!(!outline.broken);
    outline
}

#[test]
fn go() {
    let outline = whole(Language::Go, include_str!("texts/sample.go"));
    assert_eq!(
        definitions(&outline),
        [
            "12-13 constant Limit: Limit is the most.",
            "16-16 constant first",
            "17-18 constant second: The second.",
            "21-21 constant Default",
            "23-29 struct Server: A Server serves. /  / For long.",
            "31-33 interface Runner",
            "36-36 type Name",
            "37-38 type Alias: Alias of it.",
            "41-47 method Server.Run: Run runs.",
            "49-49 method List.Len",
            "51-54 function Map",
        ]
    );
    assert_eq!(imports(&outline), ["4 fmt", "6 os", "7 strings *", "8 example.com/a/b"]);
    assert_eq!(
        calls(&outline),
        [
            "43 Println in Server.Run",
            "43 Join in Server.Run",
            "45 helper in Server.Run",
            "46 Exit in Server.Run",
            "53 f in Map",
            "53 make in Map",
        ]
    );
}

#[test]
fn java() {
    let outline = whole(Language::Java, include_str!("texts/Sample.java"));
    assert_eq!(
        definitions(&outline),
        [
            "7-35 class Sample: A sample. / Of Java.",
            "12-14 method Sample.Sample",
            "16-20 method Sample.search: Searches.",
            "22-24 method Sample.of",
            "26-29 enum Sample.Level",
            "28-28 method Sample.Level.up",
            "31-34 class Sample.Point",
            "32-32 method Sample.Point.Point",
            "37-40 interface Finder",
            "38-38 method Finder.find",
            "39-39 method Finder.none",
            "42-42 interface Marked",
        ]
    );
    assert_eq!(imports(&outline), ["3 java.util List", "4 java.util.function *", "5 java.lang.Math max"]);
    assert_eq!(
        calls(&outline),
        [
            "18 rank in Sample.search",
            "18 of in Sample.search",
            "19 ArrayList in Sample.search",
            "23 Sample in Sample.of",
            "28 max in Sample.Level.up",
        ]
    );
}

#[test]
fn c() {
    let outline = whole(Language::C, include_str!("texts/sample.c"));
    assert_eq!(
        definitions(&outline),
        [
            "6-7 macro LIMIT: The most.",
            "8-8 macro MAX",
            "10-14 type index: An index.",
            "16-16 struct node",
            "18-18 enum level",
            "20-20 type compare",
            "22-22 function search",
            "24-30 function search",
            "32-32 function names",
        ]
    );
    assert_eq!(imports(&outline), ["1 stdio.h", "2 local/index.h"]);
    assert_eq!(calls(&outline), ["27 printf in search", "28 MAX in search", "28 rank in search"]);
}

#[test]
fn cpp() {
    let outline = whole(Language::Cpp, include_str!("texts/sample.cpp"));
    assert_eq!(
        definitions(&outline),
        [
            "4-32 module search",
            "6-24 class search.Index: An index.",
            "9-9 method search.Index.Index",
            "10-10 method search.Index.~Index",
            "12-13 method search.Index.size: How many.",
            "15-16 method search.Index.find",
            "18-18 method search.Index.operator[]",
            "20-20 struct search.Index.Entry",
            "26-27 type search.Names",
            "29-30 function search.largest",
            "34-37 method search.Index.find",
            "39-39 enum Level",
            "41-44 function main",
        ]
    );
    assert_eq!(imports(&outline), ["1 vector", "2 index.hpp"]);
    assert_eq!(
        calls(&outline),
        [
            "10 clear in search.Index.~Index",
            "30 max in search.largest",
            "36 lookup in search.Index.find",
            "42 Index in main",
            "43 find in main",
        ]
    );
}

#[test]
fn javascript_and_jsx() {
    let text = "\
const { a } = require('./a');
module.exports.load = function () { return import('b'); };
export const View = ({ name }) => <p onClick={() => go(name)}>{name}</p>;
class Store { static #count = () => 1; get size() { return new Map(); } 'quoted name'() {} }
export * as all from './all.js';
export default class {}
";
    let outline = whole(Language::JavaScript, text);
    assert_eq!(
        definitions(&outline),
        [
            "2-2 function load",
            "3-3 function View",
            "4-4 class Store",
            "4-4 method Store.#count",
            "4-4 method Store.size",
            "4-4 method Store.quoted name",
            "6-6 class default",
        ]
    );
    assert_eq!(imports(&outline), ["1 ./a", "2 b", "5 ./all.js *"]);
    assert_eq!(calls(&outline), ["1 require in nothing", "2 import in load", "3 go in View", "4 Map in Store.size"]);
}

#[test]
fn typescript_imports() {
    let text = "\
import whole, { one, type two as other } from \"./a.ts\";
import * as all from 'b';
import type { C } from './c';
import './effect.css';
import old = require('old');
export { d, e as f } from './d';
export * from './g';
export const here = 1;
";
    for language in [Language::TypeScript, Language::Tsx] {
        let outline = whole(language, text);
        assert_eq!(
            imports(&outline),
            ["1 ./a.ts default,one,two", "2 b *", "3 ./c C", "4 ./effect.css", "5 old", "6 ./d d,e", "7 ./g *"]
        );
    }
}

#[test]
fn rust_imports_and_calls() {
    let text = "\
use std::{fmt, io::{self, Read as _}, collections::*};
use crate::a::b;
extern crate alloc;
mod inner;
fn f() { a::b::<u8>(1); x.y().z(); vec![g()]; Some(1); (self.h)(2); f()(); }
";
    let outline = whole(Language::Rust, text);
    assert_eq!(
        imports(&outline),
        ["1 std fmt", "1 std::io Read", "1 std::collections *", "2 crate::a b", "3 alloc", "4 self::inner"]
    );
    assert_eq!(
        calls(&outline),
        ["5 b in f", "5 z in f", "5 y in f", "5 vec in f", "5 Some in f", "5 h in f", "5 f in f"]
    );
}
