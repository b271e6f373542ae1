//! Reads models from folders as sentence-transformers lays them out, and prints a line of JSON for each: its spec, or what
//! is wrong with it. The runtime, where one is named, is whose files are taken.
//!
//! ```text
//! cargo run --example folder_specs -- [onnx|mlx] MODEL_FOLDER…
//! ```

use patina_embed::{ModelFolder, Runtime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let runtime = match arguments.peek().map(String::as_str) {
        Some("onnx") => Some(Runtime::Onnx),
        Some("mlx") => Some(Runtime::Mlx),
        _ => None,
    };
    if runtime.is_some() {
        arguments.next();
    }
    for path in arguments {
        let folder = ModelFolder::new(path);
        let line = match runtime.into_iter().fold(folder, ModelFolder::runtime).read() {
            Ok(spec) => serde_json::to_string(&spec)?,
            Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
        };
        println!("{line}");
    }
    Ok(())
}
