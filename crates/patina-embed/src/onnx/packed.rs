//! Weights in the layout that a processor's kernels want, which ONNX Runtime keeps beside the plain ones in an optimised
//! graph: mapped from there they are held once, however many sessions use them, and no session copies them.
//!
//! ONNX Runtime 1.30 writes them wherever the file has come to, and its kernels read them as if they lay at a multiple of
//! 64 bytes: a graph where one does not (any whose sizes are no multiples of 16 numbers) ends the process. So each is
//! looked at before the graph is loaded.

use std::path::Path;

use super::graph::look;
use crate::error::Result;

/// What the kernels with the widest registers (AVX-512) load at once, in bytes.
const ALIGNMENT: u64 = 64;

/// Whether an optimised graph has packed weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// It has none.
    None,
    /// It has some, which can be loaded.
    Aligned,
    /// It has some which end the process.
    Misaligned,
}

/// Looks at the graph in a file.
pub(super) fn packing(graph: &Path) -> Result<Packing> {
    look(graph, |findings| {
        let mut packed = findings.external.iter().flat_map(|tensor| &tensor.packed).peekable();
        if packed.peek().is_none() {
            return Packing::None;
        }
        if packed.all(|copies| is_aligned(copies)) { Packing::Aligned } else { Packing::Misaligned }
    })
}

/// `NAME|OFFSET;LENGTH;CHECKSUM|…`, in bytes. What cannot be read counts as misaligned.
fn is_aligned(copies: &str) -> bool {
    let mut places = copies.split('|').skip(1).peekable();
    places.peek().is_some()
        && places.all(|place| {
            let offset = place.split(';').next().and_then(|offset| offset.parse::<u64>().ok());
            offset.is_some_and(|offset| offset.is_multiple_of(ALIGNMENT))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_copy_has_to_lie_at_a_multiple_of_what_is_loaded_at_once() {
        assert!(is_aligned("MatMul+6588779418385272200|42176;3072;0"));
        assert!(is_aligned("MatMul+1|0;64;0|128;64;0"));
        for misaligned in
            ["MatMul+1|42144;3072;0", "MatMul+1|0;64;0|96;64;0", "MatMul+1|x", "MatMul+1|", "MatMul+1", ""]
        {
            assert!(!is_aligned(misaligned), "{misaligned}");
        }
    }
}
