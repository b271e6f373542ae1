//! The bytes before the numbers: lengths, JSON, names, places.

use patina_embed::{ErrorKind, FileRole};

use super::Damaged;
use super::support::safetensors::file;

/// A file with these bytes is refused because of `what`.
fn refused(bytes: &[u8], what: &str) {
    let mut damaged = Damaged::new("bert-mean");
    damaged.put(FileRole::Weights, bytes);
    damaged.refused(ErrorKind::Integrity, &format!("FILE is no whole safetensors file: {what}; fetch it again"));
}

/// Entries of a header, over so many bytes.
fn refused_entries(entries: &str, data: usize, what: &str) {
    refused(&file(format!("{{{entries}}}").as_bytes(), &vec![0; data]), what);
}

fn entry(name: &str, dtype: &str, shape: &str, offsets: &str) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}"#)
}

#[test]
fn a_file_that_ends_early_says_where() {
    let whole = Damaged::new("bert-mean").tensors();
    let (header, data) = whole.parts();
    let bytes = file(header.as_bytes(), &data);
    for length in [0, 1, 7] {
        refused(&bytes[..length], &format!("it has {length} bytes, fewer than a header"));
    }
    let start = 8 + header.len();
    for length in [8, 9, start / 2, start - 1] {
        refused(&bytes[..length], &format!("its header has {} bytes and the file {length}", header.len()));
    }
    // Within each tensor, and where it begins.
    let mut begin = 0;
    for tensor in &whole.0 {
        let end = begin + tensor.numbers.len();
        for cut in [begin, begin + 1, end - 1] {
            refused(&bytes[..start + cut], &format!("tensor {} lies at bytes {begin} to {end} of {cut}", tensor.name));
        }
        begin = end;
    }
}

#[test]
fn lengths_of_headers_that_cannot_be_are_refused() {
    let whole = Damaged::new("bert-mean").tensors().write();
    for length in [whole.len() as u64 - 7, 100_000_001, 1 << 40, 1 << 63, u64::MAX] {
        let bytes = [&length.to_le_bytes(), &whole[8..]].concat();
        refused(&bytes, &format!("its header has {length} bytes and the file {}", bytes.len()));
    }
    let bytes = [&[0; 8], &whole[8..]].concat();
    refused(&bytes, "its header says EOF while parsing a value at line 1 column 0");
}

#[test]
fn what_is_no_header_is_refused() {
    for (header, what) in [
        (&b"[]"[..], "invalid type: sequence, expected an object of tensors at line 1 column 0"),
        (b"null", "invalid type: null, expected an object of tensors at line 1 column 4"),
        (b"{", "EOF while parsing an object at line 1 column 1"),
        (b"{}}", "trailing characters at line 1 column 3"),
        (b"not JSON", "expected ident at line 1 column 2"),
        (b"{\"\xff\xfe\":1}", "invalid unicode code point at line 1 column 3"),
        (br#"{"\ud800":1}"#, "unexpected end of hex escape at line 1 column 9"),
        (br#"{"a":1}"#, "tensor a: invalid type: integer `1`, expected struct Entry at line 1 column 6"),
        (br#"{"a":{}}"#, "tensor a: missing field `dtype` at line 1 column 7"),
        (br#"{"__metadata__":{"format":[]}}"#, "invalid type: sequence, expected a string at line 1 column 26"),
    ] {
        refused(&file(header, &[]), &format!("its header says {what}"));
    }
    // A program that reads it level by level runs out of stack.
    let deep = format!(r#"{{"__metadata__":{{"format":{}"#, "[".repeat(1_000_000));
    refused(
        &file(deep.as_bytes(), &[]),
        "its header says invalid type: sequence, expected a string at line 1 column 26",
    );
}

#[test]
fn types_and_shapes_that_the_format_does_not_have_name_the_tensor() {
    for (dtype, shape, offsets, what) in [
        ("F31", "[1]", "[0,4]", "unknown variant `F31`"),
        ("f32", "[1]", "[0,4]", "unknown variant `f32`"),
        ("F32", "[-1]", "[0,4]", "invalid value: integer `-1`, expected u64"),
        ("F32", "[1.0]", "[0,4]", "invalid type: floating point `1.0`, expected u64"),
        ("F32", "[18446744073709551616]", "[0,4]", "invalid type: floating point"),
        ("F32", "1", "[0,4]", "invalid type: integer `1`, expected a sequence"),
        ("F32", "[1]", "[0]", "invalid length 1, expected a tuple of size 2"),
        ("F32", "[1]", "[-4,0]", "invalid value: integer `-4`, expected u64"),
    ] {
        let header = format!("{{{}}}", entry("odd.weight", dtype, shape, offsets));
        let mut damaged = Damaged::new("bert-mean");
        let path = damaged.put(FileRole::Weights, &file(header.as_bytes(), &[0; 4]));
        let error = damaged.open().err().unwrap();
        assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(path.as_path())), "{error}");
        assert!(error.message().contains(&format!("its header says tensor odd.weight: {what}")), "{error}");
    }
}

#[test]
fn names_that_come_twice_are_refused() {
    let twice = [entry("a", "F32", "[1]", "[0,4]"), entry("a", "F32", "[1]", "[4,8]")].join(",");
    refused_entries(&twice, 8, "tensor a is in it twice");
}

#[test]
fn tensors_that_share_bytes_or_leave_some_are_refused() {
    let two = |first: &str, second: &str| [entry("a", "U8", "[8]", first), entry("b", "U8", "[8]", second)].join(",");
    refused_entries(&two("[0,8]", "[4,12]"), 12, "tensor b begins at byte 4, within another");
    refused_entries(&two("[0,8]", "[0,8]"), 8, "tensor b begins at byte 0, within another");
    refused_entries(&two("[8,16]", "[4,12]"), 16, "nothing is at bytes 0 to 4, before tensor b");
    refused_entries(&two("[0,8]", "[9,17]"), 17, "nothing is at bytes 8 to 9, before tensor b");
    refused_entries(&two("[0,8]", "[8,16]"), 20, "behind its last tensor are 4 bytes more");
    refused_entries(&two("[0,8]", "[16,8]"), 16, "tensor b lies at bytes 16 to 8 of 16");
    refused_entries(&two("[0,8]", "[8,17]"), 16, "tensor b lies at bytes 8 to 17 of 16");
    let most = u64::MAX;
    refused_entries(&two("[0,8]", &format!("[8,{most}]")), 16, &format!("tensor b lies at bytes 8 to {most} of 16"));
}

#[test]
fn sizes_that_no_memory_has_name_the_tensor() {
    for (shape, offsets, what) in [
        // Products that are 0, or small, once they have passed 2^64.
        ("[4294967296, 4294967296]", "[0,0]", "of shape [4294967296, 4294967296] in F32 has 0 bytes"),
        ("[4611686018427387905]", "[0,4]", "of shape [4611686018427387905] in F32 has 4 bytes"),
        ("[2]", "[0,4]", "of shape [2] in F32 has 4 bytes"),
        ("[]", "[0,8]", "of shape [] in F32 has 8 bytes"),
        ("[0, 4294967296]", "[0,0]", "has an axis of 4294967296"),
        ("[1,1,1,1,1,1,1,1,1]", "[0,4]", "has 9 axes"),
    ] {
        let data = if offsets == "[0,0]" { 0 } else { offsets[3..4].parse().unwrap() };
        refused_entries(&entry("huge", "F32", shape, offsets), data, &format!("tensor huge {what}"));
    }
}
