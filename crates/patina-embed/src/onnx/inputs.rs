//! What a graph wants to be fed, as it declares it: nothing about its inputs is assumed from the model's family.

use ort::memory::Allocator;
use ort::session::SessionInputValue;
use ort::value::{DynTensor, Outlet, TensorElementType, TensorRef, ValueType};

use crate::batch::PaddedBatch;
use crate::config::ModelConfig;

/// What an input is fed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// Token ids.
    Ids,
    /// 1 for real tokens.
    Mask,
    /// 0: a text is one segment.
    TypeIds,
    /// A token's place in its row.
    Positions,
    /// Keys or values of earlier tokens, of which an embedding has none: `[rows, heads, 0, head_dimension]`.
    Past { element: TensorElementType, heads: usize, head_dimension: usize },
}

/// The inputs of a graph, in its order.
pub(super) struct Inputs(Vec<Input>);

impl Inputs {
    /// Reads what the graph declares; `config` helps where it leaves the shape of its past open.
    pub fn read(declared: &[Outlet], config: &ModelConfig) -> Result<Self, String> {
        declared.iter().map(|outlet| read_one(outlet, config)).collect::<Result<_, _>>().map(Self)
    }

    /// The values for a batch; `numbers` holds those that the batch itself does not.
    pub fn values<'batch>(
        &self,
        batch: &'batch PaddedBatch,
        numbers: &'batch mut Numbers,
        allocator: &Allocator,
    ) -> ort::Result<Vec<SessionInputValue<'batch>>> {
        let shape = [batch.rows(), batch.width];
        if self.0.contains(&Input::TypeIds) {
            numbers.zeros.clear();
            numbers.zeros.resize(batch.ids.len(), 0);
        }
        if self.0.contains(&Input::Positions) {
            // Right padding: a real token's position is its place in the row, and padding is masked wherever it is.
            numbers.positions.clear();
            numbers.positions.extend((0..batch.rows()).flat_map(|_| 0..batch.width as i64));
        }
        let numbers = &*numbers;
        let whole = |values: &'batch [i64]| TensorRef::from_array_view((shape, values)).map(SessionInputValue::from);
        self.0
            .iter()
            .map(|input| match *input {
                Input::Ids => whole(&batch.ids),
                Input::Mask => whole(&batch.mask),
                Input::TypeIds => whole(&numbers.zeros),
                Input::Positions => whole(&numbers.positions),
                Input::Past { element, heads, head_dimension } => {
                    DynTensor::new(allocator, element, [batch.rows(), heads, 0, head_dimension])
                        .map(SessionInputValue::from)
                }
            })
            .collect()
    }
}

/// Room for inputs that are computed, kept from batch to batch.
#[derive(Default)]
pub(super) struct Numbers {
    zeros: Vec<i64>,
    positions: Vec<i64>,
}

fn read_one(outlet: &Outlet, config: &ModelConfig) -> Result<Input, String> {
    let name = outlet.name();
    let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
        return Err(format!("input {name:?} is no tensor"));
    };
    let input = match name {
        "input_ids" => Input::Ids,
        "attention_mask" => Input::Mask,
        "token_type_ids" => Input::TypeIds,
        "position_ids" => Input::Positions,
        _ if name.starts_with("past_key_values.") => {
            if shape.len() != 4 {
                return Err(format!("input {name:?} has {} axes, not 4", shape.len()));
            }
            // Heads of a grouped-query model and a head dimension that is not hidden / heads are why neither is derived.
            let fixed = |axis: usize, from_config: Option<usize>, key: &str| {
                usize::try_from(shape[axis]).ok().filter(|&size| size > 0).or(from_config).ok_or_else(|| {
                    format!("input {name:?} leaves axis {axis} open, and config.json has no {key} that would settle it")
                })
            };
            return Ok(Input::Past {
                element: *ty,
                heads: fixed(1, config.num_key_value_heads, "num_key_value_heads")?,
                head_dimension: fixed(3, config.head_dim, "head_dim")?,
            });
        }
        _ => return Err(format!("the graph wants an input {name:?}, which this engine does not feed")),
    };
    if *ty == TensorElementType::Int64 {
        Ok(input)
    } else {
        Err(format!("input {name:?} wants {ty}, and this engine feeds int64"))
    }
}
