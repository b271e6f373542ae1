//! A clean end of the process: no worker may be inside ONNX Runtime while its statics are destroyed.
//!
//! `process.exit` runs the C library's exit handlers in reverse order of registration. ONNX Runtime registers its
//! destructors when it is loaded, which is before the first engine is kept here, so this handler runs ahead of them:
//! it closes every engine and waits until its threads have left the library, at most one batch long.

use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

use patina_embed::Engine;

static OPEN: Mutex<Vec<Weak<Engine>>> = Mutex::new(Vec::new());
static REGISTERED: Once = Once::new();

/// Has `engine` closed when the process exits.
pub(crate) fn close_at_exit(engine: &Arc<Engine>) {
    REGISTERED.call_once(|| {
        // SAFETY: the handler takes nothing, and the addon stays loaded until the process ends.
        // A full table of handlers (the standard grants 32) costs only the tidy end.
        unsafe { libc::atexit(close_all) };
    });
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|engine| engine.strong_count() > 0);
    open.push(Arc::downgrade(engine));
}

extern "C" fn close_all() {
    // Nothing may unwind into the C library.
    let _ = std::panic::catch_unwind(|| {
        let open = std::mem::take(&mut *OPEN.lock().unwrap_or_else(PoisonError::into_inner));
        for engine in open {
            if let Some(engine) = engine.upgrade() {
                engine.close();
                engine.wait();
                // The last handle must not go here: its destructor would free what other handlers may still use.
                std::mem::forget(engine);
            }
        }
    });
}
