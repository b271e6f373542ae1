//! Finds the files of a model that `patina model add` fetched, and prints its spec as JSON.
//!
//! ```text
//! cargo run --example from_registry -- REGISTRY KEY PATINA_HOME [HUB_CACHE]
//! ```

use std::path::PathBuf;

use patina_embed::{ModelSpec, RegistryRequest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: from_registry REGISTRY KEY PATINA_HOME [HUB_CACHE]");
    let (registry, key, home) = (next()?, next()?, PathBuf::from(next()?));
    let request = RegistryRequest {
        store: Some(home.join("models")),
        hub_cache: next().ok().map(PathBuf::from),
        locks: vec![home.join("models.lock")],
        ..RegistryRequest::default()
    };
    println!("{}", serde_json::to_string(&ModelSpec::from_registry(registry, &key, &request)?)?);
    Ok(())
}
