//! A safetensors file as tensors that can be changed one by one, written again with a header that need not be true.

use std::path::Path;

use serde::Deserialize;

pub struct Tensor {
    pub name: String,
    pub dtype: String,
    pub shape: Vec<u64>,
    pub numbers: Vec<u8>,
    /// Where the header says that the numbers are, where that is not where they are.
    pub claimed: Option<(u64, u64)>,
}

/// A file's tensors, in the order of its header.
pub struct Tensors(pub Vec<Tensor>);

impl Tensors {
    /// Reads a whole, undamaged file.
    pub fn read(path: &Path) -> Self {
        #[derive(Deserialize)]
        struct Entry {
            dtype: String,
            shape: Vec<u64>,
            data_offsets: (usize, usize),
        }
        let bytes = std::fs::read(path).unwrap();
        let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let mut header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes[8..start]).unwrap();
        header.remove("__metadata__");
        let tensor = |(name, entry)| {
            let Entry { dtype, shape, data_offsets: (begin, end) } = serde_json::from_value(entry).unwrap();
            Tensor { name, dtype, shape, numbers: bytes[start + begin..start + end].to_vec(), claimed: None }
        };
        Self(header.into_iter().map(tensor).collect())
    }

    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        self.0.iter_mut().find(|tensor| tensor.name == name).unwrap()
    }

    /// Takes a tensor out of the file.
    pub fn take(&mut self, name: &str) -> Tensor {
        let at = self.0.iter().position(|tensor| tensor.name == name).unwrap();
        self.0.remove(at)
    }

    /// The header in JSON, and the numbers behind it.
    pub fn parts(&self) -> (String, Vec<u8>) {
        let mut data = Vec::new();
        let mut entries = vec![r#""__metadata__":{"format":"pt"}"#.to_owned()];
        for tensor in &self.0 {
            let begin = data.len() as u64;
            data.extend_from_slice(&tensor.numbers);
            let (begin, end) = tensor.claimed.unwrap_or((begin, data.len() as u64));
            let entry = serde_json::json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [begin, end]});
            entries.push(format!("{}:{entry}", serde_json::Value::from(tensor.name.as_str())));
        }
        (format!("{{{}}}", entries.join(",")), data)
    }

    pub fn write(&self) -> Vec<u8> {
        let (header, data) = self.parts();
        file(header.as_bytes(), &data)
    }
}

/// A file of this header and these numbers.
pub fn file(header: &[u8], data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, data].concat()
}
