//! The header of a safetensors file, checked whole before anything reads the numbers: names, types, shapes and where the
//! numbers are. Format: 8 bytes with the header's length (little-endian), the header in JSON, the numbers
//! (<https://huggingface.co/docs/safetensors>).

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Bytes that a header may have, as in the reference implementation of the format.
const LARGEST_HEADER: u64 = 100_000_000;

/// Axes that a tensor may have; those of models have two, with images four.
const MOST_AXES: usize = 8;

/// Types that weights may be stored in and computed with.
pub(crate) const FLOATS: [Type; 3] = [Type::F32, Type::F16, Type::BF16];

/// The type of a tensor's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(clippy::upper_case_acronyms, reason = "the format's own names")]
pub(crate) enum Type {
    F32,
    F16,
    BF16,
    F64,
    BOOL,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
}

impl Type {
    /// Bytes of a number.
    pub fn bytes(self) -> u64 {
        match self {
            Self::BOOL | Self::U8 | Self::I8 => 1,
            Self::F16 | Self::BF16 | Self::U16 | Self::I16 => 2,
            Self::F32 | Self::U32 | Self::I32 => 4,
            Self::F64 | Self::U64 | Self::I64 => 8,
        }
    }
}

/// A tensor as the header has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub name: String,
    pub dtype: Type,
    pub shape: Vec<u64>,
    /// Of its first number, in bytes from the beginning of the file.
    pub offset: u64,
}

impl Tensor {
    /// Bytes of all its numbers.
    pub fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.dtype.bytes()
    }
}

/// An entry of the header.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    pub dtype: Type,
    pub shape: Vec<u64>,
    /// Where its numbers begin and end, from behind the header.
    pub data_offsets: (u64, u64),
}

/// The entries in the file's order; a name that comes twice is kept twice, where a map would keep one.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<Option<HashMap<String, String>>>()?;
                        continue;
                    }
                    let entry = map
                        .next_value()
                        .map_err(|error| serde::de::Error::custom(format_args!("tensor {name}: {error}")))?;
                    entries.push((name, entry));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Reads and checks the header of the file at `path`.
///
/// # Errors
/// [`ErrorKind::Integrity`], naming the tensor that is at fault where it is one.
pub(crate) fn read_header(path: &Path) -> Result<Vec<Tensor>> {
    let fail = |what: String| {
        Error::new(
            ErrorKind::Integrity,
            format!("{} is no whole safetensors file: {what}; fetch it again", path.display()),
        )
        .with_file(path)
    };
    let unreadable = |error: std::io::Error| fail(error.to_string());
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_| fail(format!("it has {size} bytes, fewer than a header")))?;
    let length = u64::from_le_bytes(length);
    if length > LARGEST_HEADER || length > size - 8 {
        return Err(fail(format!("its header has {length} bytes and the file {size}")));
    }
    let mut json = vec![0; length as usize];
    file.read_exact(&mut json).map_err(unreadable)?;
    let entries: Entries = serde_json::from_slice(&json).map_err(|error| fail(format!("its header says {error}")))?;
    check(entries.0, 8 + length, size).map_err(fail)
}

/// Checks that the tensors fill the file from byte `begin` to its end at `size` exactly, each with as many bytes as its
/// shape needs.
fn check(entries: Vec<(String, Entry)>, begin: u64, size: u64) -> std::result::Result<Vec<Tensor>, String> {
    let data = size - begin;
    let mut names = HashSet::new();
    for (name, Entry { dtype, shape, data_offsets: (begin, end) }) in &entries {
        if !names.insert(name) {
            return Err(format!("tensor {name} is in it twice"));
        }
        if shape.len() > MOST_AXES {
            return Err(format!("tensor {name} has {} axes", shape.len()));
        }
        let needed = shape.iter().try_fold(dtype.bytes(), |bytes, &size| bytes.checked_mul(size));
        if begin > end || *end > data {
            return Err(format!("tensor {name} lies at bytes {begin} to {end} of {data}"));
        }
        if needed != Some(end - begin) {
            return Err(format!("tensor {name} of shape {shape:?} in {dtype:?} has {} bytes", end - begin));
        }
        // MLX counts in 32 bits along an axis.
        if let Some(size) = shape.iter().find(|&&size| size > i32::MAX as u64) {
            return Err(format!("tensor {name} has an axis of {size}"));
        }
    }
    let mut order: Vec<_> = entries.iter().map(|(name, entry)| (entry.data_offsets, name)).collect();
    order.sort_unstable();
    let mut filled = 0;
    for ((begin, end), name) in order {
        if begin < filled {
            return Err(format!("tensor {name} begins at byte {begin}, within another"));
        }
        if begin > filled {
            return Err(format!("nothing is at bytes {filled} to {begin}, before tensor {name}"));
        }
        filled = end;
    }
    if filled != data {
        return Err(format!("behind its last tensor are {} bytes more", data - filled));
    }
    let tensor = |(name, Entry { dtype, shape, data_offsets: (first, _) })| {
        let offset = begin + first;
        Tensor { name, dtype, shape, offset }
    };
    Ok(entries.into_iter().map(tensor).collect())
}
