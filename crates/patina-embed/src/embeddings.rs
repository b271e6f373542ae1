//! The vectors of a batch in one flat buffer, with what is to be said of each text.

use crate::buffer::VectorBuffer;

/// Vectors in the order of their texts, row-major `[rows × dimension]`, and one report a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    data: VectorBuffer,
    dimension: usize,
    reports: Vec<TextReport>,
}

/// What an engine knows about one text it embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextReport {
    /// Tokens the model saw, special tokens included.
    pub tokens: u32,
    /// True when the text was longer than the model takes and its end was left out.
    pub truncated: bool,
    /// Special tokens that the text itself spelled out and the tokenizer took as such.
    pub special_tokens: u32,
}

impl Embeddings {
    /// Room for `rows` vectors of `dimension` numbers.
    pub(crate) fn zeroed(rows: usize, dimension: usize) -> Self {
        Self { data: VectorBuffer::zeroed(rows * dimension), dimension, reports: vec![TextReport::default(); rows] }
    }

    pub(crate) fn row_mut(&mut self, index: usize) -> (&mut [f32], &mut TextReport) {
        let start = index * self.dimension;
        (&mut self.data[start..start + self.dimension], &mut self.reports[index])
    }

    /// How many vectors there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.reports.len()
    }

    /// Numbers in a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Vector `index`: `[dimension]`.
    ///
    /// # Panics
    /// Where `index` is not below [`Embeddings::rows`].
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        &self.data[index * self.dimension..(index + 1) * self.dimension]
    }

    /// All vectors, row-major `[rows × dimension]`.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// One report a row.
    #[must_use]
    pub fn reports(&self) -> &[TextReport] {
        &self.reports
    }

    /// Gives the buffer and the reports away without a copy.
    #[must_use]
    pub fn into_parts(self) -> (VectorBuffer, Vec<TextReport>) {
        (self.data, self.reports)
    }
}
