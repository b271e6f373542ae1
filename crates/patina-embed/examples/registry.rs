//! Prints the models of registry files as JSON, one line a file: its entries, or what is wrong with it.
//!
//! ```text
//! cargo run --example registry -- resources/models/registry.toml
//! ```

use std::path::Path;

use patina_embed::registry::read_registry;

fn main() {
    for file in std::env::args_os().skip(1) {
        let line = match read_registry(Path::new(&file)) {
            Ok(entries) => serde_json::json!({ "entries": entries }),
            Err(error) => serde_json::json!({
                "code": error.kind().code(),
                "message": error.to_string(),
                "line": error.place().map(|place| place.line),
                "column": error.place().map(|place| place.column),
                "key": error.key(),
                "suggestion": error.suggestion(),
            }),
        };
        println!("{line}");
    }
}
