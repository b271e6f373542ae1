//! One session that several threads run at the same time, so that an engine holds its weights once whatever the number
//! of its workers.
//!
//! `ort` lets only one thread run a session because execution providers for other devices are not all safe. This engine
//! uses the CPU's alone, for which ONNX Runtime promises it ("multiple threads can invoke Run on the same session"), so
//! the call goes to the C API directly.

use std::ffi::CString;
use std::ptr::{NonNull, null_mut};

use ort::AsPointer;
use ort::memory::Allocator;
use ort::session::{NoSelectedOutputs, RunOptions, Session, SessionInputValue};
use ort::value::DynValue;

/// A session, and the names that a run needs as the C API takes them.
pub(super) struct ConcurrentSession {
    session: Session,
    inputs: Vec<CString>,
    output: CString,
}

impl ConcurrentSession {
    /// Takes a session whose output `output` is wanted.
    pub fn new(session: Session, output: &str) -> ort::Result<Self> {
        let name = |name: &str| CString::new(name).map_err(ort::Error::wrap);
        Ok(Self {
            inputs: session.inputs().iter().map(|input| name(input.name())).collect::<ort::Result<_>>()?,
            output: name(output)?,
            session,
        })
    }

    /// Runs the graph with one value for each of its inputs, in their order. Any number of threads may be in here.
    pub fn run(
        &self,
        values: &[SessionInputValue<'_>],
        options: &RunOptions<NoSelectedOutputs>,
        allocator: &Allocator,
    ) -> ort::Result<DynValue> {
        if values.len() != self.inputs.len() {
            // The C API would read past the end of the shorter list.
            return Err(ort::Error::new(format!("{} values for {} inputs", values.len(), self.inputs.len())));
        }
        let names: Vec<_> = self.inputs.iter().map(|name| name.as_ptr()).collect();
        let values: Vec<_> = values.iter().map(|value| value.ptr()).collect();
        let outputs = [self.output.as_ptr()];
        let mut output = [null_mut()];
        // SAFETY: the session lives as long as `self`; both lists have as many entries as is said, whose strings and
        // values outlive the call; the one output is written by the call. The session's only execution provider is the
        // CPU's, whose `Run` may be called from several threads.
        let status = unsafe {
            (ort::api().Run)(
                self.session.inner().ptr().cast_mut(),
                options.ptr(),
                names.as_ptr(),
                values.as_ptr(),
                values.len(),
                outputs.as_ptr(),
                outputs.len(),
                output.as_mut_ptr(),
            )
        };
        // SAFETY: the status is what the call above returned, and is given away here.
        unsafe { ort::Error::result_from_status(status) }?;
        let output = NonNull::new(output[0]).ok_or_else(|| ort::Error::new("a run succeeded without its output"))?;
        // SAFETY: the value is a run's output and nobody else's. It lies in the CPU's memory, and the allocator handed
        // over is only kept beside it: a value frees itself.
        Ok(unsafe { DynValue::from_ptr(output, Some(allocator)) })
    }
}
