//! Damage to files, from a seed: what transfers, disks and people who mean harm do to bytes.

/// `SplitMix64` (Steele, Lea and Flood 2014): a sequence a seed, the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Numbers that readers trip over, as they stand in JSON.
const NUMBERS: [&str; 7] = ["0", "-1", "1e308", "4294967295", "18446744073709551615", "0.5", "null"];

/// Does one to four things to the file.
pub fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = place(bytes, random);
        let end = (at + 1 + random.below(16)).min(bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b']'][random.below(8)],
            2 => bytes[at] = random.next() as u8,
            3 => drop(bytes.drain(at..end)),
            4 => bytes.insert(at, random.next() as u8),
            5 => {
                // A piece from elsewhere in the file.
                let from = place(bytes, random);
                let piece = bytes[from..(from + (end - at)).min(bytes.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            6 => replace_number(bytes, at, NUMBERS[random.below(NUMBERS.len())]),
            _ if random.below(8) == 0 => bytes.truncate(at),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
}

/// A place in the file, half of the time among what is not numbers of a tensor: names, lengths and settings lie there.
fn place(bytes: &[u8], random: &mut Random) -> usize {
    let at = random.below(bytes.len());
    if random.below(2) == 0 {
        return at;
    }
    let text = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let word = |start: usize| bytes[start..].windows(6).position(|window| window.iter().all(text));
    let near = word(at).map_or(at, |offset| at + offset);
    // Just before a name are its length and its key.
    (near + random.below(24)).saturating_sub(8).min(bytes.len() - 1)
}

/// Puts `number` where the next digits are.
fn replace_number(bytes: &mut Vec<u8>, at: usize, number: &str) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset) else { return };
    let end =
        bytes[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |length| start + length);
    bytes.splice(start..end, number.bytes());
}
