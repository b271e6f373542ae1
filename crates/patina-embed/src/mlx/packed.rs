//! A quantised matrix, and what multiplies by it or takes rows out of it.

use mlx_rs::{Array, Device, DeviceType, Dtype, ops};

use super::failure::failed;
use super::quantization::Packing;
use crate::error::Result;

/// `[rows × columns]` in integers of a few bits, packed into 32; each group of a row has a scale and a bias.
pub(super) struct Packed {
    weight: Array,
    scales: Array,
    biases: Array,
    packing: Packing,
    /// Of the model's activations, and of what comes out.
    dtype: Dtype,
}

impl Packed {
    /// The numbers of scales and biases decide the precision of the model.
    ///
    /// On a CPU MLX sums the products in the precision of its input, where Metal's kernels sum in float32: in bfloat16 it
    /// moves an element by up to 0.06, in float32 by 0.02. So there scales and biases are widened.
    pub fn new(weight: Array, scales: Array, biases: Array, packing: Packing) -> Result<Self> {
        let dtype = scales.dtype();
        let (scales, biases) = if sums_narrow()? {
            let widen = |array: &Array| array.as_dtype(Dtype::Float32).map_err(failed);
            (widen(&scales)?, widen(&biases)?)
        } else {
            (scales, biases)
        };
        Ok(Self { weight, scales, biases, packing, dtype })
    }

    /// `input [.., columns]` times the transposed matrix: `[.., rows]`.
    pub fn multiply(&self, input: &Array) -> Result<Array> {
        let Packing { bits, group_size } = self.packing;
        let input = input.as_dtype(self.scales.dtype()).map_err(failed)?;
        ops::quantized_matmul(input, &self.weight, &self.scales, &self.biases, true, group_size, bits)
            .and_then(|product| product.as_dtype(self.dtype))
            .map_err(failed)
    }

    /// The rows at `indices [..]`, unpacked: `[.., columns]`.
    pub fn rows(&self, indices: &Array) -> Result<Array> {
        let Packing { bits, group_size } = self.packing;
        let take = |table: &Array| table.take_axis(indices, 0).map_err(failed);
        ops::dequantize(take(&self.weight)?, take(&self.scales)?, &take(&self.biases)?, group_size, bits)
            .and_then(|rows| rows.as_dtype(self.dtype))
            .map_err(failed)
    }

    /// What has to be read from disk before the first text.
    pub fn arrays(&self) -> [&Array; 3] {
        [&self.weight, &self.scales, &self.biases]
    }
}

fn sums_narrow() -> Result<bool> {
    let device = Device::try_default().map_err(failed)?;
    Ok(matches!(device.get_type().map_err(failed)?, DeviceType::Cpu))
}
