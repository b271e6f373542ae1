//! A clean end of the process and of each JavaScript thread: no thread of ours may be inside ONNX Runtime while its
//! statics are destroyed, nor answer to a JavaScript environment that is being taken apart.
//!
//! Two kinds of threads compute: the workers of engines, which end when those are closed, and tasks, the threads that
//! open and close engines and do what takes long without one. Ending means to wait for the tasks and to close the engines: a model's loading and one batch
//! at most. It happens
//! - in a listener to `exit` of each environment's `process`, for what belongs to that environment: the only one that
//!   Node and Bun call on `process.exit` and on an uncaught exception;
//! - in a cleanup hook of the environment: the only one that is called where a worker is terminated;
//! - in an exit handler of the C library, for all, where a host leaves without either. Handlers run in reverse order of
//!   registration and ONNX Runtime registers its destructors when it is loaded, which is before the first engine is
//!   kept here, so this one runs ahead of them.

#[cfg(unix)]
use std::panic::catch_unwind;
#[cfg(unix)]
use std::sync::Once;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, ToNapiValue};
use napi_derive::napi;
use patina_embed::Engine;

/// Which JavaScript environment something belongs to. Only ever compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owner(usize);

impl From<Env> for Owner {
    fn from(env: Env) -> Self {
        Self(env.raw() as usize)
    }
}

struct Running {
    engines: Vec<(Owner, Weak<Engine>)>,
    tasks: Vec<Owner>,
}

static RUNNING: Mutex<Running> = Mutex::new(Running { engines: Vec::new(), tasks: Vec::new() });
static TASK_ENDED: Condvar = Condvar::new();
#[cfg(unix)]
static REGISTERED: Once = Once::new();

fn lock() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs in each JavaScript environment that loads the addon.
#[napi(module_exports)]
pub fn prepare(_exports: Object, env: Env) -> napi::Result<()> {
    let owner = Owner::from(env);
    env.add_env_cleanup_hook(owner, |owner| end(Some(owner)))?;
    let on_exit = env.create_function_from_closure("endPatina", move |_| {
        end(Some(owner));
        Ok(())
    })?;
    let process: Object = env.get_global()?.get_named_property("process")?;
    let once: Function<FnArgs<(&str, Function<(), ()>)>> = process.get_named_property("once")?;
    once.apply(process, ("exit", on_exit).into())?;
    Ok(())
}

/// A thread that opens or closes an engine, or works without one, from before it is started until it has answered.
pub(crate) struct Task(Owner);

impl Task {
    /// Begins one for the environment that waits for the answer.
    pub(crate) fn begin(env: Env) -> Self {
        let owner = Owner::from(env);
        lock().tasks.push(owner);
        Self(owner)
    }

    /// Has the engine that was opened end with its environment and with the process.
    pub(crate) fn keep(&self, engine: &Arc<Engine>) {
        // On Windows such a handler of a library runs when all other threads are gone: what it waits for never comes.
        #[cfg(unix)]
        REGISTERED.call_once(|| {
            // SAFETY: the handler takes nothing, and the addon stays loaded until the process ends.
            // A full table of handlers (the standard grants 32) costs only the tidy end.
            unsafe { libc::atexit(end_all) };
        });
        let mut running = lock();
        running.engines.retain(|(_, engine)| engine.strong_count() > 0);
        running.engines.push((self.0, Arc::downgrade(engine)));
    }
}

/// Runs work on a thread of its own, or here where no thread can be had: an answer that blocks the event loop is better
/// than none.
pub(crate) fn run_aside(work: impl FnOnce() + Send + 'static) {
    let slot = Arc::new(Mutex::new(Some(work)));
    let aside = Arc::clone(&slot);
    if std::thread::Builder::new().name("patina-task".to_owned()).spawn(move || run_once(&aside)).is_err() {
        run_once(&slot);
    }
}

/// A promise of what `work` comes to on a thread of its own.
pub(crate) fn answer<T: ToNapiValue + Send + 'static>(
    env: &Env,
    work: impl FnOnce() -> T + Send + 'static,
) -> napi::Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    let task = Task::begin(*env);
    run_aside(move || {
        let outcome = work();
        deferred.resolve(move |_| Ok(outcome));
        drop(task);
    });
    Ok(promise)
}

fn run_once(slot: &Mutex<Option<impl FnOnce()>>) {
    let work = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(work) = work {
        work();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let mut running = lock();
        if let Some(index) = running.tasks.iter().position(|&owner| owner == self.0) {
            running.tasks.swap_remove(index);
        }
        TASK_ENDED.notify_all();
    }
}

#[cfg(unix)]
extern "C" fn end_all() {
    // Nothing may unwind into the C library; what panicked has been printed.
    let _ = catch_unwind(|| end(None));
}

/// Waits for the tasks and ends the engines of one environment, or of all.
fn end(owner: Option<Owner>) {
    let belongs = |other: Owner| owner.is_none_or(|owner| owner == other);
    let mut running = lock();
    while running.tasks.iter().any(|&task| belongs(task)) {
        running = TASK_ENDED.wait(running).unwrap_or_else(PoisonError::into_inner);
    }
    let (ending, staying) = std::mem::take(&mut running.engines).into_iter().partition(|(other, _)| belongs(*other));
    running.engines = staying;
    drop(running);
    let ending: Vec<(Owner, Weak<Engine>)> = ending;
    for engine in ending.iter().filter_map(|(_, engine)| engine.upgrade()) {
        engine.close();
        engine.wait();
        if owner.is_none() {
            // The last handle must not go at the end of the process: its destructor would free what other exit handlers
            // may still use.
            std::mem::forget(engine);
        }
    }
}
