//! A message that is longer than memory should be: pieces of the source file, of new bytes, and of weights that are
//! quantised when they are written. Lengths are known beforehand, because a protocol buffer puts them in front.

use std::io::Write;

use super::int8::Matrix;
use crate::onnx::protobuf::put_header;

/// A weight that becomes int8 when it is written.
#[derive(Debug)]
pub(super) struct Weight<'m> {
    pub name: &'m str,
    pub matrix: Matrix<'m>,
    pub scales: Vec<f32>,
    pub largest: f32,
}

/// A part of what is written.
#[derive(Debug)]
pub(super) enum Piece<'m> {
    New(Vec<u8>),
    Source(&'m [u8]),
    /// The int8 numbers of the weight of this index.
    Weight(usize),
}

/// Pieces and how long they are together.
#[derive(Debug, Default)]
pub(super) struct Rope<'m> {
    pieces: Vec<Piece<'m>>,
    length: u64,
}

/// Bytes of int8 numbers that are made before they are written.
const CHUNK: usize = 1 << 22;

impl<'m> Rope<'m> {
    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn push(&mut self, piece: Piece<'m>, length: u64) {
        self.length += length;
        self.pieces.push(piece);
    }

    pub fn push_new(&mut self, bytes: Vec<u8>) {
        let length = bytes.len() as u64;
        self.push(Piece::New(bytes), length);
    }

    pub fn push_source(&mut self, bytes: &'m [u8]) {
        self.push(Piece::Source(bytes), bytes.len() as u64);
    }

    /// Adds a message field that holds `content`.
    pub fn push_field(&mut self, number: u64, content: Rope<'m>) {
        let mut header = Vec::new();
        put_header(&mut header, number, content.length);
        self.push_new(header);
        self.length += content.length;
        self.pieces.extend(content.pieces);
    }

    /// Writes everything; `on_bytes` gets the number of bytes of each write.
    pub fn write(
        &self,
        weights: &[Weight],
        out: &mut impl Write,
        mut on_bytes: impl FnMut(u64) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let mut put = |bytes: &[u8]| -> std::io::Result<()> {
            for chunk in bytes.chunks(CHUNK) {
                out.write_all(chunk)?;
                on_bytes(chunk.len() as u64)?;
            }
            Ok(())
        };
        let mut numbers = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::New(bytes) => put(bytes)?,
                Piece::Source(bytes) => put(bytes)?,
                &Piece::Weight(index) => {
                    let Weight { matrix, scales, largest, .. } = &weights[index];
                    let (inputs, outputs) = matrix.shape();
                    let rows = (CHUNK / outputs.max(1)).max(1);
                    for first in (0..inputs).step_by(rows) {
                        numbers.clear();
                        matrix.quantize(first..inputs.min(first + rows), scales, *largest, &mut numbers);
                        put(&numbers)?;
                    }
                }
            }
        }
        Ok(())
    }
}
