//! What a model's safetensors are in, told from the types in their headers.

use std::collections::HashMap;

use super::header::{Tensor, Type};
use crate::numerics::Numerics;

/// What most numbers of `tensors` are in, or packed weights where there are any. Absent for what the registry has no word
/// for.
pub(crate) fn numerics<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Option<Numerics> {
    let mut counts: HashMap<Type, u64> = HashMap::new();
    for tensor in tensors {
        // The header was checked: a tensor's bytes are within the file, so no product overflows.
        *counts.entry(tensor.dtype).or_default() += tensor.shape.iter().product::<u64>();
    }
    // MLX packs weights of few bits into these, and keeps nothing else in them.
    if counts.contains_key(&Type::U32) {
        return Some(Numerics::Nbits);
    }
    match counts.into_iter().max_by_key(|&(dtype, count)| (count, dtype.bytes()))?.0 {
        Type::F32 => Some(Numerics::Float32),
        Type::F16 => Some(Numerics::Float16),
        Type::BF16 => Some(Numerics::Bfloat16),
        _ => None,
    }
}
