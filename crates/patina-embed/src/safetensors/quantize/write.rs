//! Quantising tensor by tensor, from files into files: a block of rows is read, quantised by all threads, and each of its
//! parts written to its place.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::super::damaged;
use super::super::header::Tensor;
use super::QuantizeOptions;
use super::affine::{Packing, Parts, RowBytes, quantize_groups};
use super::shards::Shard;
use crate::error::{Error, Result};
use crate::files::{unwritable, write_whole};
use crate::threads;

/// Bytes of a source that are in memory at once.
const BLOCK: usize = 8 << 20;

/// What writes the shards of a model.
pub(super) struct Writer<'w> {
    pub sources: &'w [PathBuf],
    pub packing: Packing,
    pub options: &'w QuantizeOptions<'w>,
    /// Bytes that are written, and bytes in all.
    pub done: u64,
    pub total: u64,
}

impl Writer<'_> {
    /// Writes the file whole, or leaves nothing.
    pub fn shard(&mut self, path: &Path, shard: &Shard) -> Result<()> {
        write_whole(path, |file| {
            let mut out = Out { file, path };
            out.put(0, &shard.header)?;
            // The offsets of what is to come leave no gaps, so the file has its size at the end.
            for (module, offsets) in shard.modules.iter().zip(&shard.offsets) {
                let path = &self.sources[module.file];
                let unreadable = |error: std::io::Error| damaged(path, &error.to_string()).with_source(error);
                let mut source = File::open(path).map_err(unreadable)?;
                source.seek(SeekFrom::Start(module.source.offset)).map_err(unreadable)?;
                let mut source = Source { file: source, path, tensor: &module.source };
                match offsets[..] {
                    [weight, scales, biases] => self.quantized(&mut source, &mut out, [weight, scales, biases])?,
                    _ => self.carried(&mut source, &mut out, offsets[0])?,
                }
            }
            Ok(())
        })
    }

    /// Copies a tensor as it is.
    fn carried(&mut self, source: &mut Source, out: &mut Out, mut offset: u64) -> Result<()> {
        let mut left = source.tensor.bytes();
        while left > 0 {
            let block = source.read(left.min(BLOCK as u64) as usize)?;
            out.put(offset, &block)?;
            self.on_bytes(block.len())?;
            offset += block.len() as u64;
            left -= block.len() as u64;
        }
        Ok(())
    }

    /// Quantises a matrix to `offsets` of packed numbers, scales and biases.
    fn quantized(&mut self, source: &mut Source, out: &mut Out, mut offsets: [u64; 3]) -> Result<()> {
        let (rows, columns) = (source.tensor.shape[0] as usize, source.tensor.shape[1] as usize);
        let bytes = self.packing.row_bytes(columns, source.tensor.dtype);
        let block = (BLOCK / bytes.source).clamp(1, rows);
        for begin in (0..rows).step_by(block) {
            let rows = block.min(rows - begin);
            let numbers = source.read(rows * bytes.source)?;
            let parts = self.rows(&numbers, source.tensor, bytes).ok_or_else(|| {
                damaged(source.path, &format!("tensor {} holds NaN or infinity, or spans it", source.tensor.name))
            })?;
            for (offset, part) in offsets.iter_mut().zip(&parts) {
                out.put(*offset, part)?;
                self.on_bytes(part.len())?;
                *offset += part.len() as u64;
            }
        }
        Ok(())
    }

    /// Quantises some rows, a share of them on each thread.
    fn rows(&self, numbers: &[u8], tensor: &Tensor, bytes: RowBytes) -> Option<[Vec<u8>; 3]> {
        let rows = numbers.len() / bytes.source;
        let share = rows.div_ceil(threads::limit());
        let [mut packed, mut scales, mut biases] =
            [bytes.packed, bytes.scales, bytes.scales].map(|row| vec![0; rows * row]);
        let sources = numbers.chunks(share * bytes.source);
        let targets = packed
            .chunks_mut(share * bytes.packed)
            .zip(scales.chunks_mut(share * bytes.scales).zip(biases.chunks_mut(share * bytes.scales)));
        let packing = self.packing;
        let all_finite = std::thread::scope(|scope| {
            let threads: Vec<_> = sources
                .zip(targets)
                .map(|(source, (packed, (scales, biases)))| {
                    let parts = Parts { packed, scales, biases };
                    scope.spawn(move || quantize_groups(source, tensor.dtype, packing, parts))
                })
                .collect();
            threads.into_iter().all(|thread| matches!(thread.join(), Ok(Some(()))))
        });
        all_finite.then_some([packed, scales, biases])
    }

    fn on_bytes(&mut self, bytes: usize) -> Result<()> {
        if self.options.abort.is_aborted() {
            return Err(Error::aborted());
        }
        self.done += bytes as u64;
        (self.options.on_progress)(self.done, self.total);
        Ok(())
    }
}

/// A tensor's numbers in a file, read from front to end.
struct Source<'s> {
    file: File,
    path: &'s Path,
    tensor: &'s Tensor,
}

impl Source<'_> {
    fn read(&mut self, bytes: usize) -> Result<Vec<u8>> {
        let mut block = vec![0; bytes];
        self.file.read_exact(&mut block).map_err(|error| {
            damaged(self.path, &format!("tensor {} cannot be read: {error}", self.tensor.name)).with_source(error)
        })?;
        Ok(block)
    }
}

/// A file that is filled place by place.
struct Out<'o> {
    file: &'o mut File,
    path: &'o Path,
}

impl Out<'_> {
    fn put(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| self.file.write_all(bytes))
            .map_err(|source| unwritable(self.path, source))
    }
}
