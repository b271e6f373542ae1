//! Sets the linker up for an addon that finds N-API in the process that loads it.

fn main() {
    napi_build::setup();
    // On Linux MLX is a shared library in a folder of this checkout: whoever loads the addon has to find it.
    println!("cargo::rerun-if-env-changed=PATINA_MLX_LIBRARIES");
    if let (Ok(folders), Ok(_)) = (std::env::var("PATINA_MLX_LIBRARIES"), std::env::var("CARGO_FEATURE_MLX")) {
        println!("cargo::rustc-link-arg-cdylib=-Wl,-rpath,{folders}");
    }
}
