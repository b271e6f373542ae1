//! `mlx-bindings MLX_C PRELUDE OUTPUT [CLANG_ARGUMENT…]`: the bindings that mlx-sys includes, from the headers below
//! `MLX_C/mlx/c`. It is what mlx-sys' own build script does, with two differences that Linux needs: the prelude comes
//! first, and `float16_t` is a struct over its bits, as mlx-rs expects.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (root, prelude) = (next("the folder of mlx-c")?, next("the prelude")?);
    let output = next("the file to write")?;

    let mut headers = Vec::new();
    for entry in PathBuf::from(&root).join("mlx/c").read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "h") {
            headers.push(path);
        }
    }
    headers.sort();
    let mut builder = bindgen::Builder::default()
        .clang_args([format!("-I{root}"), format!("--include={prelude}")])
        .clang_args(arguments)
        // Their `c_ulong` sizes are at odds with Rust's own declarations.
        .blocklist_function("malloc|realloc")
        .blocklist_type("float16_t")
        .raw_line("#[repr(transparent)] #[derive(Debug, Copy, Clone, Default)] pub struct float16_t(pub u16);");
    for header in headers {
        builder = builder.header(header.to_string_lossy());
    }
    builder.generate()?.write_to_file(output)?;
    Ok(())
}
