//! The ONNX Runtime engine: one session for all workers, and one for single texts.

mod concurrent;
mod describe;
mod external_data;
mod graph;
mod graph_cache;
mod inputs;
mod library;
mod load;
mod outputs;
mod packed;
mod protobuf;
mod quantize;
mod session;

pub use describe::{OnnxDescription, describe};
pub(crate) use graph::data_files;
pub use library::{find_library, library_version};
pub use quantize::{QuantizeOptions, QuantizeReport, quantize, reduced_range_is_needed};
pub(crate) use session::SessionFactory;
