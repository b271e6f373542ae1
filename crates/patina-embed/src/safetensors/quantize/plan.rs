//! What becomes of each tensor of a model, before the first number is read: which are quantised, what they are called and
//! how large they are.

use std::collections::HashSet;
use std::path::PathBuf;

use super::super::header::{FLOATS, Tensor, Type, read_header};
use super::super::{damaged, index, modules};
use super::affine::Packing;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{FileRole, ModelSpec};

/// A tensor of the source and what it becomes.
pub(super) struct Module {
    /// Which of [`Plan::sources`] has it.
    pub file: usize,
    pub source: Tensor,
    /// Of what is written: the path of a module that is quantised, else the name of the tensor.
    pub name: String,
    pub is_quantized: bool,
}

/// A tensor that is written.
pub(super) struct Part {
    pub name: String,
    pub dtype: Type,
    pub shape: Vec<u64>,
}

/// A model's tensors in the order in which they are read.
pub(super) struct Plan {
    pub sources: Vec<PathBuf>,
    pub modules: Vec<Module>,
    /// Modules that MLX's tools would quantise were their columns filled by groups; they stay as they are.
    pub kept: Vec<String>,
}

impl Plan {
    /// `is_tied` says that a model's head is its table of vectors: then a head of its own is left out, as MLX's tools do.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for an architecture without MLX graph; [`ErrorKind::InvalidInput`] for weights that are not
    /// in a floating-point type or that leave nothing to quantise; [`ErrorKind::Integrity`] for damaged files; all but
    /// the first name the tensor or file.
    pub fn make(spec: &ModelSpec, packing: Packing, is_tied: bool) -> Result<Self> {
        let architecture = spec.architecture;
        if !modules::is_known(architecture) {
            let message = format!("model {} is of an architecture that there is no MLX graph for", spec.key);
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let sources: Vec<PathBuf> = spec.files_of(FileRole::Weights)?.into_iter().map(PathBuf::from).collect();
        let headers = sources.iter().map(|file| read_header(file)).collect::<Result<Vec<_>>>()?;
        let tensors = headers.iter().flatten().map(|tensor| tensor.name.as_str());
        let files = headers.iter().zip(&sources).flat_map(|(header, file)| header.iter().map(move |_| file.as_path()));
        index::check(spec, tensors.zip(files))?;
        let mut plan = Self { sources, modules: Vec::new(), kept: Vec::new() };
        let mut names = HashSet::new();
        for (file, mut header) in headers.into_iter().enumerate() {
            header.sort_by_key(|tensor| tensor.offset);
            for source in header {
                let bare = modules::bare(architecture, &source.name);
                if modules::is_buffer(bare) || (is_tied && bare == "lm_head.weight") {
                    continue;
                }
                let path = &plan.sources[file];
                if !FLOATS.contains(&source.dtype) {
                    return Err(unusable(path, &source));
                }
                let module = bare.strip_suffix(".weight").filter(|&path| modules::is_quantized(architecture, path));
                let is_matrix = module.is_some();
                let name = modules::written_name(architecture, &source.name);
                let module = if is_matrix {
                    plan.matrix(file, source, &name, packing)?
                } else {
                    Module { file, source, name, is_quantized: false }
                };
                for part in module.parts(packing) {
                    if !names.insert(part.name.clone()) {
                        let what = format!(
                            "tensor {} would be written twice: {} is one too many",
                            part.name, module.source.name
                        );
                        return Err(damaged(&plan.sources[file], &what));
                    }
                }
                plan.modules.push(module);
            }
        }
        if plan.layers() == 0 {
            let message = format!("model {} has no matrix that groups of {} fill", spec.key, packing.group_size);
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(plan)
    }

    /// A matrix, quantised where groups fill its rows.
    fn matrix(&mut self, file: usize, source: Tensor, name: &str, packing: Packing) -> Result<Module> {
        let [_, columns] = source.shape[..] else {
            let what = format!("tensor {} has shape {:?} and should be a matrix", source.name, source.shape);
            return Err(damaged(&self.sources[file], &what));
        };
        let path = name.strip_suffix(".weight").unwrap_or(name);
        let is_quantized = source.bytes() > 0 && columns % packing.group_size as u64 == 0;
        if !is_quantized {
            self.kept.push(path.to_owned());
        }
        let name = if is_quantized { path } else { name }.to_owned();
        Ok(Module { file, source, name, is_quantized })
    }

    /// How many modules are quantised.
    pub fn layers(&self) -> usize {
        self.modules.iter().filter(|module| module.is_quantized).count()
    }
}

impl Module {
    /// What is written of it: packed numbers, scales and biases, or the tensor as it is.
    pub fn parts(&self, packing: Packing) -> Vec<Part> {
        let Tensor { dtype, ref shape, .. } = self.source;
        let (true, &[rows, columns]) = (self.is_quantized, &shape[..]) else {
            return vec![Part { name: self.name.clone(), dtype, shape: shape.clone() }];
        };
        let part = |part: &str, dtype, columns| Part {
            name: format!("{}.{part}", self.name),
            dtype,
            shape: vec![rows, columns],
        };
        let groups = columns / packing.group_size as u64;
        let words = columns * packing.bits as u64 / 32;
        vec![part("weight", Type::U32, words), part("scales", dtype, groups), part("biases", dtype, groups)]
    }
}

impl Part {
    pub fn bytes(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.dtype.bytes()
    }
}

fn unusable(file: &std::path::Path, tensor: &Tensor) -> Error {
    let message = format!(
        "{}: tensor {} is in {:?}; weights are converted from one of {FLOATS:?}, so take a variant that is not quantised",
        file.display(),
        tensor.name,
        tensor.dtype
    );
    Error::new(ErrorKind::InvalidInput, message).with_file(file)
}
