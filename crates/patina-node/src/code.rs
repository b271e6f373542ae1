//! Source text to its outline and to passages, each on a thread of its own.

use napi::Env;
use napi::bindgen_prelude::{Object, Uint32Array};
use napi_derive::napi;
use patina_code::{CutOptions, Language, Outline, Piece, TextForm, outline, passages};

use crate::engine::caught;
use crate::outcome::NativeError;
use crate::shutdown::{Task, run_aside};

/// A text to be cut.
#[napi(object)]
pub struct NativeCut {
    /// Of the file: its ending tells how it is cut.
    pub path: String,
    /// A note is Markdown, whatever its ending.
    pub is_note: bool,
    /// The text.
    pub text: String,
    /// `[lines]`
    pub costs: Uint32Array,
    /// What a piece may cost.
    pub budget: u32,
    /// Whether small definitions share a piece with their neighbours.
    pub merge: bool,
}

/// Lines that belong together.
#[napi(object)]
pub struct NativePiece {
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// Lines at the start that the piece before ends with.
    pub overlap: u32,
    /// The lines, or a part of one that is too long.
    pub text: String,
    /// Definitions it is a part of or has the start of.
    pub symbols: Vec<String>,
    /// Headings it is under.
    pub headings: Vec<String>,
    /// What it was cut along.
    #[napi(ts_type = "'definitions' | 'headings' | 'paragraphs' | 'lines'")]
    pub by: String,
}

impl From<Piece> for NativePiece {
    fn from(piece: Piece) -> Self {
        Self {
            start_line: piece.start_line,
            end_line: piece.end_line,
            overlap: piece.overlap,
            text: piece.text,
            symbols: piece.symbols,
            headings: piece.headings,
            by: piece.by.name().to_owned(),
        }
    }
}

/// The end of a cut: the pieces, or the error.
#[napi(object)]
#[derive(Default)]
pub struct CutOutcome {
    /// Set where the text could not be cut.
    pub error: Option<NativeError>,
    /// In the order of the text.
    pub pieces: Vec<NativePiece>,
}

/// Something that a text defines.
#[napi(object)]
pub struct NativeDefinition {
    /// What it is.
    #[napi(
        ts_type = "'function' | 'method' | 'class' | 'struct' | 'enum' | 'interface' | 'trait' | 'impl' | 'type' | 'module' | 'macro' | 'constant'"
    )]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The names around it, outermost first.
    pub trail: Vec<String>,
    /// First line, from 1.
    pub start_line: u32,
    /// Last line, inclusive.
    pub end_line: u32,
    /// Where it starts in the text, in UTF-16 units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// What its documentation says.
    pub doc: String,
}

/// Something that a text takes from another place.
#[napi(object)]
pub struct NativeImport {
    /// Where from.
    pub module: String,
    /// What is taken.
    pub names: Vec<String>,
    /// The line, from 1.
    pub line: u32,
}

/// A call.
#[napi(object)]
pub struct NativeCall {
    /// The last name of what is called.
    pub callee: String,
    /// The line, from 1.
    pub line: u32,
    /// Index of the innermost definition that holds it.
    pub within: Option<u32>,
}

/// What a text is made of.
#[napi(object)]
pub struct NativeOutline {
    /// The language it was read as.
    pub language: String,
    /// What is around others comes before them.
    pub definitions: Vec<NativeDefinition>,
    /// In the order of the text.
    pub imports: Vec<NativeImport>,
    /// In the order of the text.
    pub calls: Vec<NativeCall>,
    /// Whether some of the text did not parse.
    pub broken: bool,
}

/// The end of a look into a text: the outline, nothing where no grammar knows the language, or the error.
#[napi(object)]
#[derive(Default)]
pub struct OutlineOutcome {
    /// Set where the text could not be parsed.
    pub error: Option<NativeError>,
    /// Absent for a language without a grammar.
    pub outline: Option<NativeOutline>,
}

/// Cuts a text into pieces.
#[napi(ts_return_type = "Promise<CutOutcome>")]
pub fn cut_passages(env: &Env, cut: NativeCut) -> napi::Result<Object<'_>> {
    let costs = cut.costs.to_vec();
    let (deferred, promise) = env.create_deferred()?;
    let task = Task::begin(*env);
    run_aside(move || {
        let result = caught(|| {
            let form = if cut.is_note { TextForm::Markdown } else { TextForm::of_path(&cut.path) };
            let options = CutOptions { budget: cut.budget, merge: cut.merge };
            let pieces = passages(form, &cut.text, &costs, options);
            pieces.map_err(|error| NativeError::invalid(format!("{}: {error}", cut.path)).with_file(cut.path))
        });
        deferred.resolve(move |_| {
            Ok(match result {
                Ok(pieces) => CutOutcome { error: None, pieces: pieces.into_iter().map(NativePiece::from).collect() },
                Err(error) => CutOutcome { error: Some(error), ..CutOutcome::default() },
            })
        });
        drop(task);
    });
    Ok(promise)
}

/// Takes a text apart by the grammar of its path's language.
#[napi(ts_return_type = "Promise<OutlineOutcome>")]
pub fn outline_of(env: &Env, path: String, text: String) -> napi::Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    let task = Task::begin(*env);
    run_aside(move || {
        let result = caught(|| {
            let Some(language) = Language::of_path(&path) else { return Ok(None) };
            match outline(language, &text) {
                Ok(outline) => Ok(Some(native_outline(language, &outline, &text))),
                Err(error) => Err(NativeError::invalid(format!("{path}: {error}")).with_file(path)),
            }
        });
        deferred.resolve(move |_| {
            Ok(match result {
                Ok(outline) => OutlineOutcome { error: None, outline },
                Err(error) => OutlineOutcome { error: Some(error), outline: None },
            })
        });
        drop(task);
    });
    Ok(promise)
}

fn native_outline(language: Language, outline: &Outline, text: &str) -> NativeOutline {
    let ends = outline.definitions.iter().flat_map(|definition| [definition.bytes.start, definition.bytes.end]);
    let units = Utf16::of(text, ends.collect());
    let definition = |(index, definition): (usize, &patina_code::Definition)| NativeDefinition {
        kind: definition.kind.name().to_owned(),
        name: definition.name.clone(),
        trail: outline.trail(index).into_iter().map(str::to_owned).collect(),
        start_line: definition.start_line,
        end_line: definition.end_line,
        start: units.at(definition.bytes.start),
        end: units.at(definition.bytes.end),
        doc: definition.doc.clone(),
    };
    NativeOutline {
        language: language.name().to_owned(),
        definitions: outline.definitions.iter().enumerate().map(definition).collect(),
        imports: outline.imports.iter().cloned().map(NativeImport::from).collect(),
        calls: outline.calls.iter().cloned().map(NativeCall::from).collect(),
        broken: outline.broken,
    }
}

impl From<patina_code::Import> for NativeImport {
    fn from(import: patina_code::Import) -> Self {
        Self { module: import.module, names: import.names, line: import.line }
    }
}

impl From<patina_code::Call> for NativeCall {
    fn from(call: patina_code::Call) -> Self {
        Self { callee: call.callee, line: call.line, within: call.within.map(|index| index as u32) }
    }
}

/// Places of a text, in the units that JavaScript counts in.
struct Utf16 {
    /// Bytes and units, by bytes.
    places: Vec<(usize, u32)>,
}

impl Utf16 {
    /// Converts places, given in bytes, in one pass over the text.
    fn of(text: &str, mut bytes: Vec<usize>) -> Self {
        bytes.sort_unstable();
        bytes.dedup();
        let (mut from, mut units) = (0, 0);
        let place = |to| {
            units += text.get(from..to).unwrap_or_default().encode_utf16().count() as u32;
            from = to;
            (to, units)
        };
        Self { places: bytes.into_iter().map(place).collect() }
    }

    fn at(&self, byte: usize) -> u32 {
        self.places.binary_search_by_key(&byte, |&(byte, _)| byte).map_or(0, |index| self.places[index].1)
    }
}
