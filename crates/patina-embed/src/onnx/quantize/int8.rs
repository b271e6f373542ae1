//! Symmetric int8 numbers of a weight, one scale per output channel, as ONNX Runtime's `quantize_dynamic` makes them.

use std::ops::Range;

/// A float32 matrix in the bytes of a file, little-endian and possibly not aligned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'m> {
    /// `rows * columns * 4` bytes.
    pub bytes: &'m [u8],
    pub rows: usize,
    pub columns: usize,
    /// Whether a row is an output channel (`[out, in]`); else a column is (`[in, out]`).
    pub transposed: bool,
}

/// The largest number that weights take: 127, or 64 where a processor adds two products of bytes in 16 bits that
/// saturate (x86 before VNNI, `vpmaddubsw`: 2 · 255 · 64 = 32,640 still fits).
pub(super) fn largest(reduced: bool) -> f32 {
    if reduced { 64.0 } else { 127.0 }
}

impl Matrix<'_> {
    /// Numbers going in and coming out.
    pub fn shape(&self) -> (usize, usize) {
        if self.transposed { (self.columns, self.rows) } else { (self.rows, self.columns) }
    }

    fn row(&self, row: usize) -> impl Iterator<Item = f32> + '_ {
        let width = self.columns * 4;
        let (numbers, _) = self.bytes[row * width..(row + 1) * width].as_chunks::<4>();
        numbers.iter().map(|&number| f32::from_le_bytes(number))
    }

    /// One scale per output channel: its largest magnitude over `largest`, and 1 where all is zero.
    /// `None` where a number is NaN or infinite.
    pub fn scales(&self, largest: f32) -> Option<Vec<f32>> {
        let mut most = vec![0.0_f32; self.shape().1];
        // A sum keeps NaN and infinity, which a maximum would drop.
        let mut sum = 0.0_f32;
        for row in 0..self.rows {
            for (column, number) in self.row(row).enumerate() {
                let channel = if self.transposed { row } else { column };
                most[channel] = most[channel].max(number.abs());
                sum += number * 0.0;
            }
        }
        if !sum.is_finite() {
            return None;
        }
        Some(most.into_iter().map(|most| if most > 0.0 { most / largest } else { 1.0 }).collect())
    }

    /// The numbers of some rows of the `[in, out]` matrix, row by row.
    pub fn quantize(&self, inputs: Range<usize>, scales: &[f32], largest: f32, out: &mut Vec<u8>) {
        // Half goes to the even number, as NumPy rounds.
        let number = |weight: f32, scale: f32| (weight / scale).round_ties_even().clamp(-largest, largest) as i8 as u8;
        let first = inputs.start;
        if !self.transposed {
            for row in inputs {
                out.extend(self.row(row).zip(scales).map(|(weight, &scale)| number(weight, scale)));
            }
            return;
        }
        let outputs = self.rows;
        let begin = out.len();
        out.resize(begin + inputs.len() * outputs, 0);
        for (channel, &scale) in scales.iter().enumerate() {
            for (at, weight) in self.row(channel).skip(first).take(inputs.len()).enumerate() {
                out[begin + at * outputs + channel] = number(weight, scale);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_weight_that_is_stored_turned_gives_the_same_numbers(
            rows in 1_usize..9,
            columns in 1_usize..9,
            seed in proptest::collection::vec(-2.0_f32..2.0, 64),
            split in 0_usize..9,
        ) {
            let at = |row: usize, column: usize| seed[row * 8 + column];
            let plain: Vec<u8> =
                (0..rows).flat_map(|row| (0..columns).flat_map(move |column| at(row, column).to_le_bytes())).collect();
            let turned: Vec<u8> =
                (0..columns).flat_map(|column| (0..rows).flat_map(move |row| at(row, column).to_le_bytes())).collect();
            let plain = Matrix { bytes: &plain, rows, columns, transposed: false };
            let turned = Matrix { bytes: &turned, rows: columns, columns: rows, transposed: true };
            prop_assert_eq!(plain.shape(), turned.shape());
            let scales = plain.scales(127.0).unwrap();
            prop_assert_eq!(&scales, &turned.scales(127.0).unwrap());
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            plain.quantize(0..rows, &scales, 127.0, &mut whole);
            let split = split.min(rows);
            turned.quantize(0..split, &scales, 127.0, &mut parts);
            turned.quantize(split..rows, &scales, 127.0, &mut parts);
            prop_assert_eq!(&whole, &parts);
            for (index, &number) in whole.iter().enumerate() {
                let (row, column) = (index / columns, index % columns);
                let back = f32::from(number as i8) * scales[column];
                prop_assert!((back - at(row, column)).abs() <= scales[column] * 0.501);
            }
        }
    }

    #[test]
    fn halves_go_to_the_even_number_and_a_column_of_zeros_stays_zero() {
        let numbers = [127.0_f32, 0.0, 0.5, 0.0, 1.5, 0.0, -2.5, 0.0];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let matrix = Matrix { bytes: &bytes, rows: 4, columns: 2, transposed: false };
        let scales = matrix.scales(127.0).unwrap();
        assert_eq!(scales, [1.0, 1.0]);
        let mut out = Vec::new();
        matrix.quantize(0..4, &scales, 127.0, &mut out);
        assert_eq!(out, [127, 0, 0, 0, 2, 0, -2_i8 as u8, 0]);
    }
}
