//! What holds for any numbers.

use proptest::prelude::*;

use super::super::super::header::Type;
use super::super::affine::Packing;
use super::parts;

proptest! {
    /// A number that the scale reaches comes back within half a scale, and a zero as zero.
    #[test]
    fn numbers_come_back_within_half_a_scale(
        numbers in proptest::collection::vec(prop_oneof![4 => -3.0_f32..3.0, 1 => Just(0.0)], 128),
        shift in prop_oneof![Just(0.0_f32), -2.0_f32..2.0],
        bits in prop_oneof![Just(4_usize), Just(8)],
        group_size in prop_oneof![Just(32_usize), Just(64), Just(128)],
    ) {
        let numbers: Vec<f32> =
            numbers.into_iter().map(|number| if number == 0.0 { 0.0 } else { number + shift }).collect();
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let [packed, scales, biases] = parts(&(Type::F32, vec![1, 128], bytes), Packing { bits, group_size }).unwrap();
        let float = |part: &[u8], group: usize| f32::from_le_bytes(part[group * 4..group * 4 + 4].try_into().unwrap());
        for (index, &number) in numbers.iter().enumerate() {
            let integer = if bits == 8 { packed[index] } else { (packed[index / 2] >> (4 * (index % 2))) & 15 };
            let (scale, bias) = (float(&scales, index / group_size), float(&biases, index / group_size));
            let back = f32::from(integer) * scale + bias;
            // The scale was adjusted for zero, so the last number may fall short of the range's nearer end by one step.
            let last = bias + scale * ((1 << bits) - 1) as f32;
            let reached = number.clamp(bias.min(last), bias.max(last));
            prop_assert!((number - reached).abs() <= scale.abs() * 1.01 + 1e-6, "{number} is far from {last}");
            prop_assert!((back - reached).abs() <= scale.abs() * 0.501 + 1e-6, "{number} came back as {back} of {scale}");
            if number == 0.0 {
                prop_assert!(back.abs() <= 1e-6, "0 came back as {back}");
            }
        }
    }

    #[test]
    fn a_group_of_zeros_stays_zero(bits in prop_oneof![Just(4_usize), Just(8)]) {
        let [_, _, biases] = parts(&(Type::F32, vec![1, 64], vec![0; 256]), Packing { bits, group_size: 64 }).unwrap();
        prop_assert_eq!(biases, vec![0; 4]);
    }
}
