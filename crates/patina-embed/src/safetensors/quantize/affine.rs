//! Affine quantisation as `mlx.core.quantize` does it, to the bit.
//!
//! A group of numbers of a row becomes integers of a few bits, a scale and a bias: number ≈ integer × scale + bias. The end
//! of the group's range that is farther from zero is kept as it is and is the bias; the scale is adjusted so that zero is one
//! of the numbers as well. Everything is computed in float32, and scales and biases are rounded to the type of the source at
//! the very end. The same rule for `NumPy` is in `fixtures/generator/affine_tensors.py`.

use half::{bf16, f16};

use super::super::header::Type;

/// The largest group.
const MOST_NUMBERS: usize = 128;

/// No scale is smaller than this.
const SMALLEST_SCALE: f32 = 1e-7;

/// 1.5 × 2²³: the float32 numbers beside it are one apart, so that adding it rounds to a whole number, which is then in the
/// lowest bits; half goes to the even one, as `rint` has it.
const ROUNDER: f32 = 12_582_912.0;

/// How a matrix is quantised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    /// 4 or 8.
    pub bits: usize,
    /// One of [`super::super::GROUP_SIZES`].
    pub group_size: usize,
}

/// Bytes of a row in the parts that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowBytes {
    pub source: usize,
    pub packed: usize,
    /// Of the scales, and of the biases.
    pub scales: usize,
}

impl Packing {
    /// For rows of `columns` numbers, which groups fill.
    pub fn row_bytes(self, columns: usize, dtype: Type) -> RowBytes {
        let number = dtype.bytes() as usize;
        let scales = columns / self.group_size * number;
        RowBytes { source: columns * number, packed: columns * self.bits / 8, scales }
    }
}

/// Where rows go: as many bytes each as [`RowBytes`] says.
pub(super) struct Parts<'out> {
    pub packed: &'out mut [u8],
    pub scales: &'out mut [u8],
    pub biases: &'out mut [u8],
}

/// Quantises the numbers of whole groups, little-endian in one of [`super::super::header::FLOATS`]. `None` where one is NaN
/// or infinite, or a group's range is.
#[must_use]
pub(super) fn quantize_groups(source: &[u8], dtype: Type, packing: Packing, out: Parts) -> Option<()> {
    let Parts { packed, scales, biases } = out;
    let Packing { bits, group_size } = packing;
    let number = dtype.bytes() as usize;
    let steps = ((1_u32 << bits) - 1) as f32;
    let mut buffer = [0.0_f32; MOST_NUMBERS];
    let numbers = &mut buffer[..group_size];
    let groups = source.chunks_exact(group_size * number).zip(packed.chunks_exact_mut(group_size * bits / 8));
    let ends = scales.chunks_exact_mut(number).zip(biases.chunks_exact_mut(number));
    for ((group, packed), (scale_out, bias_out)) in groups.zip(ends) {
        read(group, dtype, numbers);
        let (scale, bias) = scale_and_bias(numbers, steps)?;
        // Rounding and clamping to whole numbers may change places.
        let integer = |number: f32| (((number - bias) / scale).clamp(0.0, steps) + ROUNDER).to_bits() as u8;
        if bits == 8 {
            for (byte, &number) in packed.iter_mut().zip(&*numbers) {
                *byte = integer(number);
            }
        } else {
            // The first of two numbers in the lower bits.
            for (byte, pair) in packed.iter_mut().zip(numbers.chunks_exact(2)) {
                *byte = (integer(pair[0]) & 15) | (integer(pair[1]) << 4);
            }
        }
        write(scale, dtype, scale_out);
        write(bias, dtype, bias_out);
    }
    Some(())
}

fn scale_and_bias(numbers: &[f32], steps: f32) -> Option<(f32, f32)> {
    let (mut low, mut high, mut sum) = (f32::INFINITY, f32::NEG_INFINITY, 0.0);
    for &number in numbers {
        low = low.min(number);
        high = high.max(number);
        // A sum keeps NaN and infinity, which a minimum would drop.
        sum += number * 0.0;
    }
    let range = high - low + sum;
    if !range.is_finite() {
        return None;
    }
    let downwards = low.abs() > high.abs();
    let positive = (range / steps).max(SMALLEST_SCALE);
    let (scale, edge) = if downwards { (positive, low) } else { (-positive, high) };
    // So many steps from the edge lies zero.
    let zero = (edge / scale).round_ties_even();
    Some(if zero == 0.0 { (scale, 0.0) } else { (edge / zero, edge) })
}

/// Reads as many numbers as `out` has.
fn read(source: &[u8], dtype: Type, out: &mut [f32]) {
    if dtype == Type::F32 {
        for (number, &bytes) in out.iter_mut().zip(source.as_chunks().0) {
            *number = f32::from_le_bytes(bytes);
        }
        return;
    }
    let widen =
        if dtype == Type::BF16 { |half| bf16::from_bits(half).to_f32() } else { |half| f16::from_bits(half).to_f32() };
    for (number, &bytes) in out.iter_mut().zip(source.as_chunks().0) {
        *number = widen(u16::from_le_bytes(bytes));
    }
}

fn write(number: f32, dtype: Type, out: &mut [u8]) {
    match dtype {
        Type::BF16 => out.copy_from_slice(&bf16::from_f32(number).to_le_bytes()),
        Type::F16 => out.copy_from_slice(&f16::from_f32(number).to_le_bytes()),
        _ => out.copy_from_slice(&number.to_le_bytes()),
    }
}
