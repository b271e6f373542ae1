//! What mlx-rs' dependency `mach-sys` refers to and Linux lacks.

/// A clock of macOS, which mlx-rs seeds its random numbers from; this engine draws none.
#[unsafe(no_mangle)]
extern "C" fn mach_approximate_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos() as u64)
}
