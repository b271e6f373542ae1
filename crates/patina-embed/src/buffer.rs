//! The memory that a batch's vectors lie in.

use std::ops::{Deref, DerefMut};

/// From this size in bytes on a buffer has pages of its own.
const LEAST_MAPPED: usize = 1 << 20;

/// Numbers in one piece, as a slice.
///
/// A large one has pages of its own, which go back to the system the moment it is dropped. From the allocator they would
/// not: glibc raises the size from which it maps memory to that of the largest piece ever freed, and keeps what is below
/// it (a process that embedded 10,000 texts again and again held one result of 15 MB too many).
#[derive(Debug)]
pub struct VectorBuffer(Memory);

#[derive(Debug)]
enum Memory {
    Allocated(Vec<f32>),
    Mapped(memmap2::MmapMut),
}

impl VectorBuffer {
    /// So many zeros.
    pub(crate) fn zeroed(count: usize) -> Self {
        let bytes = count.saturating_mul(size_of::<f32>());
        if bytes >= LEAST_MAPPED
            && let Ok(pages) = memmap2::MmapMut::map_anon(bytes)
        {
            return Self(Memory::Mapped(pages));
        }
        // Where the system has no pages, the allocator is who reports it.
        Self(Memory::Allocated(vec![0.0; count]))
    }

    /// The numbers as a vector: a copy, where they have pages of their own.
    #[must_use]
    pub fn into_vec(self) -> Vec<f32> {
        match self.0 {
            Memory::Allocated(numbers) => numbers,
            Memory::Mapped(_) => self.to_vec(),
        }
    }
}

impl Deref for VectorBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &self.0 {
            Memory::Allocated(numbers) => numbers,
            // SAFETY: pages are aligned to more than a float, hold `len / 4` of them, are readable, belong to this value
            // alone, and any bits are a float.
            Memory::Mapped(pages) => unsafe {
                std::slice::from_raw_parts(pages.as_ptr().cast(), pages.len() / size_of::<f32>())
            },
        }
    }
}

impl DerefMut for VectorBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        match &mut self.0 {
            Memory::Allocated(numbers) => numbers,
            // SAFETY: as above; they are writable, and `self` is borrowed for as long as the slice lives.
            Memory::Mapped(pages) => unsafe {
                std::slice::from_raw_parts_mut(pages.as_mut_ptr().cast(), pages.len() / size_of::<f32>())
            },
        }
    }
}

impl Clone for VectorBuffer {
    fn clone(&self) -> Self {
        let mut copy = Self::zeroed(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl PartialEq for VectorBuffer {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_buffers_hold_numbers_alike() {
        for count in [0, 1, LEAST_MAPPED / 4 - 1, LEAST_MAPPED / 4, LEAST_MAPPED] {
            let mut buffer = VectorBuffer::zeroed(count);
            assert_eq!(buffer.len(), count);
            assert!(buffer.iter().all(|number| number.to_bits() == 0));
            for (index, number) in buffer.iter_mut().enumerate() {
                *number = index as f32;
            }
            let copy = buffer.clone();
            assert_eq!(copy, buffer);
            let numbers = buffer.into_vec();
            assert_eq!(numbers.len(), count);
            assert!(numbers.iter().enumerate().all(|(index, &number)| number.to_bits() == (index as f32).to_bits()));
        }
    }
}
