//! The ONNX Runtime engine: one session a worker, each computing on one thread.

mod graph;
mod inputs;
mod library;
mod outputs;
mod protobuf;
mod quantize;
mod session;

pub use library::{find_library, library_version};
pub use quantize::{QuantizeOptions, QuantizeReport, quantize, reduced_range_is_needed};
pub(crate) use session::SessionFactory;
