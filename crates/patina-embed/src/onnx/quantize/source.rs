//! The files of the model that is quantised, mapped: a page is in memory only while it is read.

use std::collections::BTreeMap;
use std::path::Path;

use memmap2::Mmap;

use super::super::external_data::Reference;
use super::super::graph::map;
use super::model::{FLOAT, Read, Tensor};
use crate::error::Result;

/// The files beside a model that hold some of its tensors, by the name that the model has for each.
#[derive(Debug, Default)]
pub(super) struct DataFiles(BTreeMap<String, Mmap>);

impl DataFiles {
    /// Maps every file that a tensor names. The loader's rule on where such a
    /// file may lie counts here as well.
    pub fn open(model: &Path, tensors: &[Tensor]) -> Result<Self> {
        let mut files = BTreeMap::new();
        for (tensor, external) in tensors.iter().filter_map(|tensor| Some((tensor, tensor.external?))) {
            if files.contains_key(external.location) {
                continue;
            }
            let (tensor, location) = (tensor.name, external.location);
            let reference =
                Reference { graph: model, tensor, location, remedy: "put it there: it belongs to the graph" };
            files.insert(location.to_owned(), map(&reference.locate()?.file)?);
        }
        Ok(Self(files))
    }

    /// A tensor's bytes, wherever they lie; `None` where they are in fields for single numbers.
    pub fn bytes<'m>(&'m self, tensor: &Tensor<'m>) -> Read<Option<&'m [u8]>> {
        let Some(external) = tensor.external else {
            return Ok(match (tensor.raw_data, &tensor.float_data[..]) {
                (Some(bytes), _) => Some(bytes),
                (None, [packed]) if tensor.data_type == FLOAT => Some(packed),
                _ => None,
            });
        };
        let file: &[u8] = self.0.get(external.location).ok_or("its external data was not opened")?;
        let rest = usize::try_from(external.offset).ok().and_then(|offset| file.get(offset..));
        let part = match (rest, external.length) {
            (Some(rest), None) => Some(rest),
            (Some(rest), Some(length)) => usize::try_from(length).ok().and_then(|length| rest.get(..length)),
            (None, _) => None,
        };
        let size = file.len();
        part.map(Some).ok_or_else(|| {
            format!(
                "its external data ({} bytes from {}) lies outside {:?}, which has {size}",
                external.length.map_or_else(|| "all".to_owned(), |length| length.to_string()),
                external.offset,
                external.location
            )
        })
    }
}
