//! Sets the linker up for an addon that finds N-API in the process that loads it.

fn main() {
    napi_build::setup();
}
