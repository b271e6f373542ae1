//! Random numbers that are the same for a seed everywhere and for ever.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What numbers are drawn for. Each has a stream of its own, so one does not move when another draws more.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Randomization = 1,
    Bootstrap = 2,
}

/// A source of random numbers. `ChaCha8` is defined to the bit; the key is the seed, little-endian, with zeros behind it.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(purpose as u64);
        Self(generator)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `limit` - 1, each as likely; `limit` is not 0. Lemire, "Fast random integer generation in an interval",
    /// 2019: the product's upper half, where its lower half is not among the few that would favour some numbers.
    pub fn below(&mut self, limit: u64) -> u64 {
        let uneven = limit.wrapping_neg() % limit;
        loop {
            let product = u128::from(self.bits()) * u128::from(limit);
            if product as u64 >= uneven {
                return (product >> 64) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Purpose, Random};

    #[test]
    fn no_number_below_a_limit_is_favoured() {
        // Of 2^64 numbers scaled to three quarters as many without a choice, every third would come up twice as often.
        const LIMIT: u64 = 3 << 62;
        let mut random = Random::new(5, Purpose::Bootstrap);
        let mut found = [0_u32; 3];
        for _ in 0..30_000 {
            found[(random.below(LIMIT) % 3) as usize] += 1;
        }
        // Five standard deviations of 30,000 draws of a third.
        assert!(found.iter().all(|count| count.abs_diff(10_000) < 410), "{found:?}");
    }
}
