"""Builds the ONNX graph of a Qwen3 decoder from its weights, in the shapes that exports of it come in.

`plain` takes ids, mask and positions. `past` also takes keys and values of earlier tokens, which an embedding model is
fed empty, and gives them back, as exports for generation do. `grouped` leaves attention, rotation included, to ONNX
Runtime's GroupQueryAttention, which takes its positions from the mask and expects padding on the right. Needs `onnx`
and `numpy` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # the file format of that opset's time: every ONNX Runtime since 1.12 reads it
FORBIDDEN = -10000.0  # added to a score that must not count: exp(-10000) is exactly 0, and float16 can hold it
ALIGNMENT = 64  # of tensors in a data file: a mapped one can be read with the widest vector instructions
KINDS = ("plain", "past", "grouped")


@dataclass(frozen=True)
class Qwen3Shape:
    """The numbers of a Qwen3 decoder's config.json that decide its graph."""

    layers: int
    hidden: int
    heads: int
    key_heads: int
    head_size: int  # its own number: not hidden / heads
    epsilon: float
    theta: float
    positions: int

    @staticmethod
    def from_config(config: dict) -> Qwen3Shape:
        """Reads a Hugging Face config.json, and refuses what this graph would compute wrongly."""
        expected = {"model_type": "qwen3", "hidden_act": "silu", "attention_bias": False, "use_sliding_window": False}
        for key, value in expected.items():
            if config.get(key) != value:
                raise ValueError(f"config.json: {key} is {config.get(key)!r}, this graph computes {value!r} only")
        if config.get("rope_scaling") is not None:
            raise ValueError("config.json: rope_scaling is not supported")
        return Qwen3Shape(
            layers=config["num_hidden_layers"],
            hidden=config["hidden_size"],
            heads=config["num_attention_heads"],
            key_heads=config["num_key_value_heads"],
            head_size=config["head_dim"],
            epsilon=config["rms_norm_eps"],
            theta=config["rope_theta"],
            positions=config["max_position_embeddings"],
        )

    def frequencies(self) -> np.ndarray:
        """How far each pair of numbers of a head turns from one position to the next."""
        exponents = np.arange(0, self.head_size, 2, dtype=np.float32) / np.float32(self.head_size)
        return (1.0 / np.float32(self.theta) ** exponents).astype(np.float32)


class DataFile:
    """Tensors in a file of their own beside the ONNX files that name it; one tensor serves them all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tensors: dict[str, onnx.TensorProto] = {}
        path.write_bytes(b"")

    def tensor(self, name: str, value: np.ndarray) -> onnx.TensorProto:
        """Appends `value`, unless a tensor of that name is there, and returns what refers to it."""
        if name not in self._tensors:
            with self._path.open("ab") as file:
                file.write(b"\0" * (-file.tell() % ALIGNMENT))
                offset = file.tell()
                file.write(np.ascontiguousarray(value).data)
            tensor = onnx.TensorProto(
                name=name,
                data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
                dims=value.shape,
                data_location=TensorProto.EXTERNAL,
            )
            for key, entry in (("location", self._path.name), ("offset", offset), ("length", value.nbytes)):
                tensor.external_data.add(key=key, value=str(entry))
            self._tensors[name] = tensor
        found = self._tensors[name]
        if (tuple(found.dims), found.data_type) != (value.shape, helper.np_dtype_to_tensor_dtype(value.dtype)):
            raise ValueError(f"{self._path}: {name} is there already, in another shape or type")
        return found


class Qwen3Graph:
    """Collects nodes and weights; every node's first output carries the name given to it."""

    def __init__(
        self,
        shape: Qwen3Shape,
        weights: dict[str, np.ndarray],
        *,
        kind: str,
        half: bool = False,
        data: DataFile | None = None,
    ) -> None:
        """`half` computes in float16, except norms, angles and softmax; `data` takes the weights out of the graph."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; there are {', '.join(KINDS)}")
        if kind == "grouped" and half:
            raise ValueError("the tables of angles are float32, so the grouped graph is float32 only")
        self._shape = shape
        self._weights = weights
        self._kind = kind
        self._float = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        self._number = np.float16 if half else np.float32
        self._data = data
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}

    def write(self, path: Path) -> None:
        """Writes the model and checks it.

        Inputs are int64 `[batch, tokens]`: input_ids, attention_mask (with earlier tokens before the new ones) and,
        unless grouped, position_ids; unless plain, `past_key_values.{i}.key` and `.value`, floats
        `[batch, key_heads, past, head_size]`. Outputs are floats: `last_hidden_state [batch, tokens, hidden]` and,
        unless plain, `present.{i}.key` and `.value`.
        """
        hidden = self._node("Gather", "embedded", [self._weight("embed_tokens.weight"), "input_ids"])
        facts = self._lengths_of_rows() if self._kind == "grouped" else self._angles_and_mask()
        for layer in range(self._shape.layers):
            hidden = self._layer(layer, hidden, facts)
        self._norm("norm", hidden, "last_hidden_state")
        graph = helper.make_graph(
            self._nodes, f"qwen3-{self._kind}", self._inputs(), self._outputs(), list(self._initializers.values())
        )
        opsets = [helper.make_opsetid("", OPSET)]
        if self._kind == "grouped":
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="patina")
        path.write_bytes(model.SerializeToString(deterministic=True))
        onnx.checker.check_model(str(path), full_check=True)

    def _inputs(self) -> list[onnx.ValueInfoProto]:
        mask = ["batch", "tokens"] if self._kind == "plain" else ["batch", "past_and_tokens"]
        found = [_value("input_ids", TensorProto.INT64, ["batch", "tokens"])]
        found.append(_value("attention_mask", TensorProto.INT64, mask))
        if self._kind != "grouped":
            found.append(_value("position_ids", TensorProto.INT64, ["batch", "tokens"]))
        return found + self._caches("past_key_values", "past")

    def _outputs(self) -> list[onnx.ValueInfoProto]:
        hidden = _value("last_hidden_state", self._float, ["batch", "tokens", self._shape.hidden])
        return [hidden, *self._caches("present", "past_and_tokens")]

    def _caches(self, name: str, length: str) -> list[onnx.ValueInfoProto]:
        if self._kind == "plain":
            return []
        shape = ["batch", self._shape.key_heads, length, self._shape.head_size]
        names = [f"{name}.{layer}.{part}" for layer in range(self._shape.layers) for part in ("key", "value")]
        return [_value(name, self._float, shape) for name in names]

    def _angles_and_mask(self) -> dict[str, str]:
        """`cos` and `sin [batch, 1, tokens, head_size]`, and `mask [batch, 1, 1, tokens, past + tokens]`, added."""
        column = self._node("Unsqueeze", "positions.column", ["position_ids", self._int64([2])])
        numbers = self._node("Cast", "positions.numbers", [column], to=TensorProto.FLOAT)
        half = self._node("Mul", "angles.half", [numbers, self._constant("frequencies", self._shape.frequencies())])
        angles = self._node("Concat", "angles", [half, half], axis=-1)
        facts = {}
        for function in ("Cos", "Sin"):
            name = function.lower()
            wide = self._node(function, f"angles.{name}", [angles])
            typed = self._node("Cast", f"angles.{name}.typed", [wide], to=self._float)
            facts[name] = self._node("Unsqueeze", f"angles.{name}.heads", [typed, self._int64([1])])
        zero, one = self._constant("zero", np.int64(0)), self._constant("one", np.int64(1))
        past = zero
        if self._kind == "past":
            cache = self._node("Shape", "past.shape", ["past_key_values.0.key"])
            past = self._node("Gather", "past.length", [cache, self._constant("two", np.int64(2))])
        tokens = self._node("Gather", "tokens.length", [self._node("Shape", "tokens.shape", ["input_ids"]), one])
        total = self._node("Add", "total.length", [past, tokens])
        keys = self._node("Range", "mask.keys", [zero, total, one])
        queries = self._node("Range", "mask.queries", [past, total, one])
        rows = self._node("Unsqueeze", "mask.rows", [queries, self._int64([1])])
        causal = self._node("LessOrEqual", "mask.causal", [keys, rows])
        real = self._node("Cast", "mask.real", ["attention_mask"], to=TensorProto.BOOL)
        real = self._node("Unsqueeze", "mask.real.heads", [real, self._int64([1, 2, 3])])
        seen = self._node("And", "mask.seen", [causal, real])
        numbers = [self._constant("mask.kept", self._number(0)), self._constant("mask.hidden", self._number(FORBIDDEN))]
        facts["mask"] = self._node("Where", "mask", [seen, *numbers])
        return facts

    def _lengths_of_rows(self) -> dict[str, str]:
        """What GroupQueryAttention reads in place of a mask: index of each row's last real token, and the width."""
        count = self._node("ReduceSum", "rows.count", ["attention_mask", self._int64([1])], keepdims=0)
        last = self._node("Sub", "rows.last", [count, self._constant("one", np.int64(1))])
        width = self._node("Shape", "rows.shape", ["attention_mask"])
        width = self._node("Gather", "rows.width", [width, self._constant("one", np.int64(1))])
        angles = np.outer(np.arange(self._shape.positions, dtype=np.float32), self._shape.frequencies())
        return {
            "last": self._node("Cast", "rows.last.typed", [last], to=TensorProto.INT32),
            "width": self._node("Cast", "rows.width.typed", [width], to=TensorProto.INT32),
            "cos": self._constant("angles.cos", np.cos(angles)),
            "sin": self._constant("angles.sin", np.sin(angles)),
        }

    def _layer(self, layer: int, hidden: str, facts: dict[str, str]) -> str:
        name = f"layers.{layer}"
        before = self._norm(f"{name}.input_layernorm", hidden)
        attention = self._grouped_attention if self._kind == "grouped" else self._attention
        context = attention(layer, before, facts)
        attended = self._linear(f"{name}.self_attn.o_proj", context)
        middle = self._node("Add", f"{name}.middle", [hidden, attended])
        before = self._norm(f"{name}.post_attention_layernorm", middle)
        gate = self._linear(f"{name}.mlp.gate_proj", before)
        opened = self._node("Mul", f"{name}.mlp.silu", [gate, self._node("Sigmoid", f"{name}.mlp.sigmoid", [gate])])
        wide = self._node("Mul", f"{name}.mlp.wide", [opened, self._linear(f"{name}.mlp.up_proj", before)])
        narrow = self._linear(f"{name}.mlp.down_proj", wide)
        return self._node("Add", f"{name}.output", [middle, narrow])

    def _heads(self, name: str, hidden: str, count: int, *, norm: str | None) -> str:
        """A projection as `[batch, tokens, count, head_size]`, each head normed where the weight's name is given."""
        shape = self._int64([0, 0, count, self._shape.head_size])
        heads = self._node("Reshape", f"{name}.heads", [self._linear(name, hidden), shape])
        return heads if norm is None else self._norm(norm, heads)

    def _attention(self, layer: int, hidden: str, facts: dict[str, str]) -> str:
        shape, name = self._shape, f"layers.{layer}.self_attn"
        parts = {}
        for part, count in (("q", shape.heads), ("k", shape.key_heads), ("v", shape.key_heads)):
            norm = None if part == "v" else f"{name}.{part}_norm"
            heads = self._heads(f"{name}.{part}_proj", hidden, count, norm=norm)
            turned = self._node("Transpose", f"{name}.{part}", [heads], perm=[0, 2, 1, 3])
            parts[part] = turned if part == "v" else self._rotate(f"{name}.{part}", turned, facts)
        if self._kind == "past":
            for part, cache in (("k", f"{layer}.key"), ("v", f"{layer}.value")):
                earlier = f"past_key_values.{cache}"
                parts[part] = self._node("Concat", f"present.{cache}", [earlier, parts[part]], axis=2)
        # Neighbouring query heads share a key head: [batch, key heads, heads of one, tokens, head size].
        groups = self._int64([0, shape.key_heads, shape.heads // shape.key_heads, -1, shape.head_size])
        query = self._node("Reshape", f"{name}.q.groups", [parts["q"], groups])
        key = self._node("Unsqueeze", f"{name}.k.groups", [parts["k"], self._int64([2])])
        key = self._node("Transpose", f"{name}.k.columns", [key], perm=[0, 1, 2, 4, 3])
        value = self._node("Unsqueeze", f"{name}.v.groups", [parts["v"], self._int64([2])])
        scale = self._constant("scale", self._number(shape.head_size**-0.5))
        scores = self._node("Mul", f"{name}.scaled", [self._node("MatMul", f"{name}.scores", [query, key]), scale])
        masked = self._node("Add", f"{name}.masked", [scores, facts["mask"]])
        shares = self._in_float32(f"{name}.shares", masked, "Softmax", axis=-1)
        context = self._node("MatMul", f"{name}.context", [shares, value])
        heads = self._int64([0, shape.heads, -1, shape.head_size])
        context = self._node("Reshape", f"{name}.context.heads", [context, heads])
        context = self._node("Transpose", f"{name}.context.tokens", [context], perm=[0, 2, 1, 3])
        return self._flat(f"{name}.context", context, shape.heads)

    def _grouped_attention(self, layer: int, hidden: str, facts: dict[str, str]) -> str:
        shape, name = self._shape, f"layers.{layer}.self_attn"
        parts = []
        for part, count in (("q", shape.heads), ("k", shape.key_heads)):
            heads = self._heads(f"{name}.{part}_proj", hidden, count, norm=f"{name}.{part}_norm")
            parts.append(self._flat(f"{name}.{part}", heads, count))
        parts.append(self._linear(f"{name}.v_proj", hidden))
        caches = [f"past_key_values.{layer}.{part}" for part in ("key", "value")]
        outputs = [f"{name}.context", *(f"present.{layer}.{part}" for part in ("key", "value"))]
        node = helper.make_node(
            "GroupQueryAttention",
            [*parts, *caches, facts["last"], facts["width"], facts["cos"], facts["sin"]],
            outputs,
            name=outputs[0],
            domain="com.microsoft",
            num_heads=shape.heads,
            kv_num_heads=shape.key_heads,
            scale=shape.head_size**-0.5,
            do_rotary=1,
            rotary_interleaved=0,
        )
        self._nodes.append(node)
        return outputs[0]

    def _rotate(self, name: str, heads: str, facts: dict[str, str]) -> str:
        """Turns number i of a head against number i + head_size / 2: the layout of halves, not of neighbours."""
        half, end = self._shape.head_size // 2, self._shape.head_size
        axis = self._int64([3])
        first = self._node("Slice", f"{name}.first", [heads, self._int64([0]), self._int64([half]), axis])
        second = self._node("Slice", f"{name}.second", [heads, self._int64([half]), self._int64([end]), axis])
        negated = self._node("Neg", f"{name}.negated", [second])
        crossed = self._node("Concat", f"{name}.crossed", [negated, first], axis=-1)
        kept = self._node("Mul", f"{name}.kept", [heads, facts["cos"]])
        moved = self._node("Mul", f"{name}.moved", [crossed, facts["sin"]])
        return self._node("Add", f"{name}.rotated", [kept, moved])

    def _flat(self, name: str, heads: str, count: int) -> str:
        return self._node("Reshape", f"{name}.flat", [heads, self._int64([0, 0, count * self._shape.head_size])])

    def _norm(self, name: str, value: str, output: str | None = None) -> str:
        """RMSNorm over the last axis, in float32, as the reference computes it whatever the type of the weights."""
        wide = self._node("Cast", f"{name}.wide", [value], to=TensorProto.FLOAT)
        square = self._node("Pow", f"{name}.square", [wide, self._constant("two.float", np.float32(2))])
        mean = self._node("ReduceMean", f"{name}.mean", [square], axes=[-1], keepdims=1)
        epsilon = self._constant("epsilon", np.float32(self._shape.epsilon))
        root = self._node("Sqrt", f"{name}.root", [self._node("Add", f"{name}.raised", [mean, epsilon])])
        unit = self._node("Div", f"{name}.unit", [wide, root])
        typed = self._node("Cast", f"{name}.typed", [unit], to=self._float)
        return self._node("Mul", output or f"{name}.output", [typed, self._weight(f"{name}.weight")])

    def _in_float32(self, name: str, value: str, operator: str, **attributes: object) -> str:
        wide = self._node("Cast", f"{name}.wide", [value], to=TensorProto.FLOAT)
        result = self._node(operator, f"{name}.result", [wide], **attributes)
        return self._node("Cast", name, [result], to=self._float)

    def _linear(self, name: str, value: str) -> str:
        """The weight is stored as [in, out], the way MatMul reads it; Hugging Face stores [out, in]."""
        weight = self._constant(f"{name}.weight", self._weights[f"{name}.weight"].T.astype(self._number, copy=False))
        return self._node("MatMul", name, [value, weight])

    def _node(self, operator: str, output: str, inputs: list[str], **attributes: object) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name].astype(self._number, copy=False))

    def _int64(self, values: list[int]) -> str:
        return self._constant("int64." + ".".join(map(str, values)), np.asarray(values, dtype=np.int64))

    def _constant(self, name: str, value: np.ndarray | np.generic) -> str:
        if name not in self._initializers:
            array = np.asarray(value)
            # Shapes and single numbers stay in the graph, where shape inference needs to see them.
            if self._data is None or array.ndim == 0 or array.dtype == np.int64:
                self._initializers[name] = numpy_helper.from_array(array, name)
            else:
                self._initializers[name] = self._data.tensor(name, array)
        return name


def _value(name: str, kind: int, shape: list[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
