//! The two indexes that a search asks: [`vectors`], by the dot product, and [`full_text`], by BM25.
//!
//! Both are files that are mapped into memory and must not change for as long as they are open: what changed is written into a new
//! file beside, or into a copy. Rows number what is searched, from 0, and mean the same in both. Nothing here reads the environment or a clock.

mod error;
pub mod full_text;
pub mod vectors;

pub use error::{Error, ErrorKind, Result};
