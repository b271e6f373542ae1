//! The ONNX Runtime engine: one session for all workers, each of which runs it on its own thread.

mod concurrent;
mod describe;
mod external_data;
mod graph;
mod graph_cache;
mod inputs;
mod library;
mod load;
mod memory;
mod outputs;
mod protobuf;
mod quantize;
mod session;

pub use describe::{Numerics, OnnxDescription, describe};
pub use library::{find_library, library_version};
pub use quantize::{QuantizeOptions, QuantizeReport, quantize, reduced_range_is_needed};
pub(crate) use session::SessionFactory;
