//! Changes of single tensors: what the header says of them, and their numbers.

use super::model::{Model, fit, size_of};
use super::support::damage::Random;
use super::support::safetensors::Tensor;

/// The format's, and some that it does not have.
const TYPES: [&str; 16] =
    ["F32", "F16", "BF16", "F64", "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F8_E4M3", "C64", ""];

/// Of four bytes: NaN, infinity, the largest and the smallest number, minus zero, zero.
const WORDS: [u32; 7] = [0x7fc0_7fc0, 0x7f80_7c00, 0x7f7f_ffff, 0xff7f_fbff, 1, 0x8000_8000, 0];

/// A size that axes and offsets trip over.
fn odd(random: &mut Random, real: u64) -> u64 {
    let sizes = [
        0,
        1,
        real.saturating_sub(1),
        real.saturating_add(1),
        real / 2,
        real.saturating_mul(2),
        (1 << 31) - 1,
        1 << 31,
        1 << 32,
        1 << 62,
        u64::MAX,
    ];
    sizes[random.below(sizes.len())]
}

pub fn data_type(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    tensor.dtype = TYPES[random.below(TYPES.len())].into();
    if random.below(2) == 0 {
        fit(tensor);
    }
    Some(format!("{} is in {:?}", tensor.name, tensor.dtype))
}

/// A type that weights may be in: one tensor is more precise than what it is combined with.
pub fn like_type(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    tensor.dtype = TYPES[random.below(3)].into();
    fit(tensor);
    Some(format!("{} is in {}", tensor.name, tensor.dtype))
}

pub fn axis(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    let axis = random.below(tensor.shape.len().max(1));
    let size = tensor.shape.get_mut(axis)?;
    *size = odd(random, *size);
    if random.below(2) == 0 {
        fit(tensor);
    }
    Some(format!("{} has shape {:?}", tensor.name, tensor.shape))
}

/// Other axes over the same numbers.
pub fn rank(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    match random.below(4) {
        0 => tensor.shape.insert(random.below(tensor.shape.len() + 1), 1),
        1 => tensor.shape = vec![tensor.shape.iter().product()],
        2 => tensor.shape.extend(vec![1; 1 + random.below(40)]),
        _ => tensor.shape.reverse(),
    }
    Some(format!("{} has shape {:?}", tensor.name, tensor.shape))
}

pub fn place(model: &mut Model, random: &mut Random) -> Option<String> {
    let (shard, at) = model.place(random)?;
    let tensors = &mut model.shards[shard].0;
    let begin: u64 = tensors[..at].iter().map(|tensor| tensor.numbers.len() as u64).sum();
    let end = begin + tensors[at].numbers.len() as u64;
    let claimed = match random.below(5) {
        0 => (odd(random, begin), end),
        1 => (begin, odd(random, end)),
        2 => (end, begin),
        3 => (begin + 1, end + 1),
        _ => (0, end - begin),
    };
    tensors[at].claimed = Some(claimed);
    Some(format!("{} lies at {claimed:?} instead of {:?}", tensors[at].name, (begin, end)))
}

/// All of a tensor's numbers, or one of them.
pub fn numbers(model: &mut Model, random: &mut Random) -> Option<String> {
    let word = WORDS[random.below(WORDS.len())].to_le_bytes();
    let tensor = model.tensor(random)?;
    let (words, _) = tensor.numbers.as_chunks_mut::<4>();
    let what = match random.below(3) {
        0 => {
            for place in words.iter_mut() {
                *place = (random.next() as u32).to_le_bytes();
            }
            "random numbers".to_owned()
        }
        1 => {
            words.fill(word);
            format!("{word:x?} everywhere")
        }
        _ => {
            *words.get_mut(random.below(words.len().max(1)))? = word;
            format!("{word:x?} somewhere")
        }
    };
    Some(format!("{} has {what}", tensor.name))
}

/// More or fewer numbers than the shape has.
pub fn length(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    let real = tensor.numbers.len();
    let wanted = [0, real / 2, real.saturating_sub(size_of(&tensor.dtype)), real + 1, 2 * real][random.below(5)];
    tensor.numbers.resize(wanted, 0);
    Some(format!("{} has {wanted} bytes instead of {real}", tensor.name))
}

/// Two tensors of a file change names.
pub fn exchange(model: &mut Model, random: &mut Random) -> Option<String> {
    let (shard, one) = model.place(random)?;
    let tensors = &mut model.shards[shard].0;
    let other = random.below(tensors.len());
    let (first, second) = (tensors[one].name.clone(), tensors[other].name.clone());
    let what = format!("{first} and {second} have changed names");
    tensors[one].name = second;
    tensors[other].name = first;
    Some(what)
}

pub fn removal(model: &mut Model, random: &mut Random) -> Option<String> {
    let (shard, at) = model.place(random)?;
    Some(format!("{} is gone", model.shards[shard].0.remove(at).name))
}

pub fn name(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    let from = tensor.name.clone();
    tensor.name = match random.below(7) {
        0 => String::new(),
        1 => format!("model.{from}"),
        2 => from.strip_prefix("model.").unwrap_or("model.").to_owned(),
        3 => format!("{from}\0"),
        4 => "__metadata__".to_owned(),
        5 => from.replace("weight", "scales"),
        _ => from.repeat(1 + random.below(10_000)),
    };
    Some(format!("{from} is called {:?}", tensor.name.chars().take(100).collect::<String>()))
}

/// In its file or in another.
pub fn repetition(model: &mut Model, random: &mut Random) -> Option<String> {
    let tensor = model.tensor(random)?;
    let Tensor { name, dtype, shape, numbers, claimed } = tensor;
    let again = Tensor {
        name: name.clone(),
        dtype: dtype.clone(),
        shape: shape.clone(),
        numbers: numbers.clone(),
        claimed: *claimed,
    };
    let what = format!("{name} is there twice");
    let shard = random.below(model.shards.len());
    model.shards[shard].0.push(again);
    Some(what)
}
