//! Reads models from folders as sentence-transformers lays them out, and prints a line of JSON for each: its spec, or what
//! is wrong with it.
//!
//! ```text
//! cargo run --example folder_specs -- MODEL_FOLDER…
//! ```

use patina_embed::ModelSpec;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for folder in std::env::args().skip(1) {
        let line = match ModelSpec::from_dir(folder) {
            Ok(spec) => serde_json::to_string(&spec)?,
            Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
        };
        println!("{line}");
    }
    Ok(())
}
