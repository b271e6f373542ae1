//! The two indexes that a search asks: [`vectors`], by the dot product, and [`full_text`], by BM25.
//!
//! Both are files that are mapped into memory and must not change for as long as they are open: what changed is written into a new
//! file beside, or into a copy. Rows number what is searched, from 0, and mean the same in both. Nothing here reads the environment
//! or a clock.
//!
//! ```
//! use std::num::NonZeroUsize;
//!
//! use patina_index::vectors::{Shape, VectorIndex, write_codes};
//!
//! let folder = std::env::temp_dir().join(format!("patina-index-vectors-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let (floats, codes) = (folder.join("vectors.f32"), folder.join("vectors.i8"));
//! let matrix: [f32; 6] = [1.0, 0.0, 0.6, 0.8, 0.0, 1.0];
//! std::fs::write(&floats, matrix.map(f32::to_le_bytes).concat())?;
//!
//! let shape = Shape::new(3, 2)?;
//! write_codes(&floats, &codes, shape)?;
//! let index = VectorIndex::open(&floats, &codes, shape)?;
//! let found = index.search(&[0.0, 1.0], 2, None, NonZeroUsize::MIN)?;
//! assert_eq!(found.best.iter().map(|scored| scored.row).collect::<Vec<_>>(), [2, 1]);
//! # drop(index);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod allowed;
mod disk;
mod error;
pub mod full_text;
pub mod vectors;

pub use error::{Error, ErrorKind, Result};
