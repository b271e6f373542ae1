//! The index on the disk against the plain search over the same floats.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use patina_index::ErrorKind;
use patina_index::vectors::{Shape, VectorIndex, update_codes, write_codes};
use patina_similarity::{Scored, normalize, top_k};
use proptest::collection::vec;
use proptest::prelude::*;

/// The files of an index in a folder of their own, gone when the test is over.
struct Scratch {
    folder: PathBuf,
    shape: Shape,
}

impl Scratch {
    fn new(matrix: &[f32], dimension: usize) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("patina-index-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let shape = Shape::new(matrix.len() / dimension, dimension).unwrap();
        let scratch = Self { folder, shape };
        scratch.write_floats(matrix);
        scratch
    }

    fn indexed(matrix: &[f32], dimension: usize) -> Self {
        let scratch = Self::new(matrix, dimension);
        write_codes(&scratch.floats(), &scratch.codes(), scratch.shape).unwrap();
        scratch
    }

    fn write_floats(&self, matrix: &[f32]) {
        std::fs::write(self.floats(), bytes(matrix)).unwrap();
    }

    fn floats(&self) -> PathBuf {
        self.folder.join("passages.f32")
    }

    fn codes(&self) -> PathBuf {
        self.folder.join("passages.i8")
    }

    fn open(&self) -> VectorIndex {
        VectorIndex::open(&self.floats(), &self.codes(), self.shape).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn bytes(matrix: &[f32]) -> Vec<u8> {
    matrix.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// Numbers from -1 to 1, the same for a seed in every run; strategies for single numbers would take most of the time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn unit(&mut self, dimension: usize) -> Vec<f32> {
        let mut vector: Vec<f32> = (0..dimension).map(|_| self.next()).collect();
        normalize(&mut vector);
        vector
    }
}

/// Rows around three centres, from all over to all but equal, or of few distinct numbers: many scores are equal then.
fn matrices() -> impl Strategy<Value = (Vec<f32>, usize)> {
    let spread = prop_oneof![Just(Some(1.0_f32)), Just(Some(0.01)), Just(Some(1e-6)), Just(Some(0.0)), Just(None)];
    (1_usize..80, 0_usize..120, spread, any::<u64>()).prop_map(|(dimension, rows, spread, seed)| {
        let mut numbers = Numbers(seed);
        let centres = [(); 3].map(|()| numbers.unit(dimension));
        let mut matrix = Vec::new();
        for row in 0..rows {
            let centre = &centres[row * 7 % 3];
            let mut vector: Vec<f32> = match spread {
                Some(spread) => centre.iter().map(|middle| middle + spread * numbers.next()).collect(),
                None => (0..dimension).map(|_| (numbers.next() * 1.5).round()).collect(),
            };
            normalize(&mut vector);
            if row % 11 == 5 {
                // A row without a vector.
                vector.fill(0.0);
            }
            matrix.extend(vector);
        }
        (matrix, dimension)
    })
}

/// An index, a query of any length (one of the rows at times), k, and which rows are allowed.
fn searches() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, usize, Option<Vec<u8>>)> {
    let length = prop_oneof![
        Just(None),
        prop_oneof![Just(1.0_f32), Just(0.0), Just(1e-42), Just(1e-20), Just(1e37)].prop_map(Some)
    ];
    (matrices(), length, any::<u64>(), 0_usize..140).prop_flat_map(|((matrix, dimension), length, seed, k)| {
        let rows = matrix.len() / dimension;
        let query = match length {
            None if rows > 0 => matrix[seed as usize % rows * dimension..][..dimension].to_vec(),
            length => Numbers(seed).unit(dimension).iter().map(|value| value * length.unwrap_or(1.0)).collect(),
        };
        (Just(matrix), Just(query), Just(k), prop::option::of(vec(0_u8..=2, rows)))
    })
}

fn bits(found: &[Scored]) -> Vec<(u32, u32)> {
    found.iter().map(|scored| (scored.row, scored.score.to_bits())).collect()
}

proptest! {
    #[test]
    fn finds_what_a_search_of_the_floats_finds((matrix, query, k, allowed) in searches()) {
        let scratch = Scratch::indexed(&matrix, query.len());
        let found = scratch.open().search(&query, k, allowed.as_deref(), threads(2)).unwrap();
        prop_assert_eq!(bits(&found.best), bits(&top_k(&matrix, &query, k, allowed.as_deref())));
    }

}

proptest! {
    // Each case waits for the disk four times.
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn codes_brought_up_to_date_are_those_written_anew(
        (matrix, dimension) in matrices(),
        kept in 0.0_f64..=1.0,
        longer in any::<bool>(),
        moves in vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let rows = matrix.len() / dimension;
        let part = (kept * rows as f64) as usize;
        // Before, there were fewer rows or more, and some were others: turned round.
        let mut before = matrix[..part * dimension].to_vec();
        let changed: Vec<u32> = moves.iter().filter(|_| part > 0).map(|index| index.index(part) as u32).collect();
        for &row in &changed {
            before[row as usize * dimension..][..dimension].iter_mut().for_each(|value| *value = -*value);
        }
        if longer && part == rows {
            before.extend_from_slice(&matrix);
        }
        let (old, new) = (Scratch::indexed(&before, dimension), Scratch::indexed(&matrix, dimension));
        update_codes(&new.floats(), &old.codes(), new.shape, &changed).unwrap();
        prop_assert_eq!(std::fs::read(old.codes()).unwrap(), std::fs::read(new.codes()).unwrap());
    }
}

/// Unit vectors, the same in every run.
fn many(rows: usize, dimension: usize) -> Vec<f32> {
    let mut numbers = Numbers(1);
    (0..rows).flat_map(|_| numbers.unit(dimension)).collect()
}

#[test]
fn many_rows_on_several_threads_are_scored_from_their_codes() {
    let (rows, dimension) = (30_000, 64);
    let matrix = many(rows, dimension);
    let scratch = Scratch::indexed(&matrix, dimension);
    let index = scratch.open();
    let allowed: Vec<u8> = (0..rows).map(|row| u8::from(row % 3 == 0)).collect();
    for query in matrix.chunks_exact(dimension).step_by(15_000) {
        for allowed in [None, Some(allowed.as_slice())] {
            for count in [1, 3] {
                let found = index.search(query, 20, allowed, threads(count)).unwrap();
                assert_eq!(bits(&found.best), bits(&top_k(&matrix, query, 20, allowed)));
                assert!(found.rescored < rows / 100, "{} rows were scored from floats", found.rescored);
            }
        }
    }
}

#[test]
fn rows_and_their_scores_can_be_had() {
    let matrix = many(10, 33);
    let scratch = Scratch::indexed(&matrix, 33);
    let index = scratch.open();
    assert_eq!(index.vector(7).unwrap(), &matrix[7 * 33..8 * 33]);
    let query = &matrix[..33];
    let expected: Vec<f32> =
        [9, 0, 9].map(|row| patina_similarity::dot(&matrix[row * 33..(row + 1) * 33], query)).to_vec();
    assert_eq!(index.score(query, &[9, 0, 9]).unwrap(), expected);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let scratch = Scratch::indexed(&many(3, 4), 4);
    let index = scratch.open();
    let refusals = [
        (index.search(&[1.0; 3], 1, None, threads(1)).err(), "the query has 3 numbers and the index's rows have 4"),
        (index.search(&[f32::NAN; 4], 1, None, threads(1)).err(), "not finite"),
        (index.search(&[1e38; 4], 1, None, threads(1)).err(), "too long"),
        (index.search(&[1.0; 4], 1, Some(&[1; 2]), threads(1)).err(), "allowed has 2 bytes for 3 rows"),
        (index.score(&[1.0; 4], &[3]).err(), "there is no row 3: the index has 3"),
        (index.vector(3).err(), "there is no row 3"),
        (update_codes(&scratch.floats(), &scratch.codes(), scratch.shape, &[1, 3]).err(), "there is no row 3"),
        (Shape::new(1, 0).err(), "vectors have 1 to"),
        (Shape::new(1 << 32, 1).err(), "at most 4294967295 rows"),
    ];
    for (error, message) in refusals {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(message), "{error}");
    }
}

/// The error names the file and says what is wrong with it.
fn assert_damaged(error: Option<patina_index::Error>, file: &Path, message: &str) {
    let error = error.unwrap();
    assert_eq!((error.kind(), error.file()), (ErrorKind::Integrity, Some(file)));
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn a_row_that_is_not_the_one_its_codes_were_made_of_is_named() {
    let matrix = many(50, 16);
    let scratch = Scratch::indexed(&matrix, 16);
    let query = &matrix[7 * 16..8 * 16];
    // Any of a number's bits but the two that count least, which a residual may not show.
    for bit in 2..32 {
        let mut damaged = matrix.clone();
        damaged[7 * 16 + 5] = f32::from_bits(damaged[7 * 16 + 5].to_bits() ^ (1 << bit));
        scratch.write_floats(&damaged);
        let index = scratch.open();
        let message = "row 7 is not the one that its codes were made of";
        assert_damaged(index.search(query, 1, None, threads(1)).err(), &scratch.floats(), message);
        assert_damaged(index.score(query, &[7]).err(), &scratch.floats(), message);
        assert_damaged(index.vector(7).err(), &scratch.floats(), message);
        assert_eq!(index.score(query, &[8]).unwrap().len(), 1);
    }
}

#[test]
fn files_that_cannot_be_an_index_are_refused() {
    let scratch = Scratch::indexed(&many(5, 8), 8);
    let open = |rows| VectorIndex::open(&scratch.floats(), &scratch.codes(), Shape::new(rows, 8).unwrap()).err();
    assert_damaged(open(6), &scratch.floats(), "it has 160 bytes, the index takes 192");
    std::fs::write(scratch.codes(), [0; 79]).unwrap();
    assert_damaged(open(5), &scratch.codes(), "it has 79 bytes, the index takes 80");
    let update = update_codes(&scratch.floats(), &scratch.codes(), scratch.shape, &[]).err();
    assert_damaged(update, &scratch.codes(), "79 bytes are no whole number of records of 16");
    std::fs::remove_file(scratch.codes()).unwrap();
    assert_damaged(open(5), &scratch.codes(), "it is missing");
}

#[test]
fn no_codes_are_left_of_what_is_no_unit_vector_and_none_are_written_over() {
    let mut matrix = many(5, 8);
    let scratch = Scratch::indexed(&matrix, 8);
    let again = write_codes(&scratch.floats(), &scratch.codes(), scratch.shape).unwrap_err();
    assert_eq!((again.kind(), again.file()), (ErrorKind::Io, Some(scratch.codes().as_path())));
    std::fs::remove_file(scratch.codes()).unwrap();
    matrix[3 * 8] = 2.0;
    scratch.write_floats(&matrix);
    let failed = write_codes(&scratch.floats(), &scratch.codes(), scratch.shape).err();
    assert_damaged(failed, &scratch.floats(), "row 3 is no unit vector");
    assert!(!scratch.codes().exists());
}
