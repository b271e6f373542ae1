//! The small kernels as plain C functions. A call through `bun:ffi` costs 10 ns where one over N-API costs 120 and more
//! (`packages/native/bench/RESULTS.md`), which is what a loop over vectors feels; the same library serves both doors.
//! The best k of a matrix is not here: it takes so long that the door no longer shows.
//!
//! Every function takes pointers with the number of elements behind them, writes its result where it is told, and
//! returns a [`Code`]. Nothing is kept beyond the call, and no panic leaves it. A pointer may be null where its length
//! is 0, which is how `bun:ffi` hands an empty array over.

use std::panic::catch_unwind;
use std::slice;

use patina_embed::similarity;

/// How a call ended. The numbers are part of the interface.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The result has been written.
    Done = 0,
    /// A pointer is null and its length is not 0.
    NullPointer = 1,
    /// Lengths that have to be equal are not.
    LengthsDiffer = 2,
    /// A defect of this project, caught at the door.
    Panicked = 3,
}

/// Sum of the products of two vectors, written to `result`.
///
/// # Safety
/// Each pointer is null or points to as many numbers as its length says, `result` to one; none changes during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn patina_dot(
    left: *const f32,
    left_length: usize,
    right: *const f32,
    right_length: usize,
    result: *mut f32,
) -> Code {
    // SAFETY: as this function's own.
    unsafe { of_two(left, left_length, right, right_length, result, similarity::dot) }
}

/// Cosine of the angle between two vectors, written to `result`.
///
/// # Safety
/// As [`patina_dot`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn patina_cosine(
    left: *const f32,
    left_length: usize,
    right: *const f32,
    right_length: usize,
    result: *mut f32,
) -> Code {
    // SAFETY: as this function's own.
    unsafe { of_two(left, left_length, right, right_length, result, similarity::cosine) }
}

/// Brings a vector to unit length, in place.
///
/// # Safety
/// `vector` is null or points to `length` numbers that nothing else uses during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn patina_normalize(vector: *mut f32, length: usize) -> Code {
    guard(|| {
        if length == 0 {
            return Ok(());
        }
        if vector.is_null() {
            return Err(Code::NullPointer);
        }
        // SAFETY: not null, and the caller vouches for the length and for being alone with it.
        similarity::normalize(unsafe { slice::from_raw_parts_mut(vector, length) });
        Ok(())
    })
}

/// # Safety
/// As [`patina_dot`].
unsafe fn of_two(
    left: *const f32,
    left_length: usize,
    right: *const f32,
    right_length: usize,
    result: *mut f32,
    kernel: fn(&[f32], &[f32]) -> f32,
) -> Code {
    guard(|| {
        // SAFETY: the caller vouches for pointers and lengths.
        let (left, right) = unsafe { (numbers(left, left_length)?, numbers(right, right_length)?) };
        if left.len() != right.len() {
            return Err(Code::LengthsDiffer);
        }
        if result.is_null() {
            return Err(Code::NullPointer);
        }
        // SAFETY: not null, and the caller vouches for one number of room.
        unsafe { result.write(kernel(left, right)) };
        Ok(())
    })
}

/// # Safety
/// `pointer` is null or points to `length` values that nothing changes for as long as the slice lives.
unsafe fn numbers<'a, T>(pointer: *const T, length: usize) -> Result<&'a [T], Code> {
    match (pointer.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Code::NullPointer),
        // SAFETY: not null, and the caller vouches for the rest.
        (false, _) => Ok(unsafe { slice::from_raw_parts(pointer, length) }),
    }
}

/// Nothing may unwind into a caller that is no Rust.
fn guard(work: impl FnOnce() -> Result<(), Code> + std::panic::UnwindSafe) -> Code {
    match catch_unwind(work) {
        Ok(Ok(())) => Code::Done,
        Ok(Err(code)) => code,
        Err(_) => Code::Panicked,
    }
}
