//! The ONNX Runtime engine: one session a worker, each computing on one thread.

mod external_data;
mod graph;
mod inputs;
mod library;
mod outputs;
mod protobuf;
mod session;

pub use library::{find_library, library_version};
pub(crate) use session::SessionFactory;
