"""Builds the ONNX graph of a BERT encoder from its weights, with no deep-learning framework.

Plain operators only, in the shapes that ONNX Runtime's optimizer recognises on a CPU: each linear layer as MatMul and
Add, GELU as its five erf operators (fused into BiasGelu), the scaling of the scores as a Div (folded into
FusedMatMul). Eight other shapes were measured for MiniLM-L6 in ONNX Runtime 1.30, among them the fused Attention
operator, one product for query, key and value, and Gemm. They lie within 2 % of this one, because the products of the
linear layers take seven tenths of the time. Only SkipLayerNormalization differs: its CPU kernel costs a tenth of the
speed. It is fused where the operands of a residual sum are known to have one shape; here the length of the position
slice is not inferred, so it is not. Needs `onnx` and `numpy` only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17  # LayerNormalization appeared in opset 17
IR_VERSION = 8  # the file format of that opset's time: every ONNX Runtime since 1.12 reads it
FORBIDDEN = -10000.0  # added to the score of padding: exp(-10000) is exactly 0 in float32, and no row becomes NaN


@dataclass(frozen=True)
class BertShape:
    """The numbers of a BERT encoder's config.json that decide its graph."""

    layers: int
    heads: int
    hidden: int
    epsilon: float

    @staticmethod
    def from_config(config: dict) -> BertShape:
        """Reads a Hugging Face config.json, and refuses what this graph would compute wrongly."""
        expected = {"model_type": "bert", "hidden_act": "gelu"}
        for key, value in expected.items():
            if config.get(key) != value:
                raise ValueError(f"config.json: {key} is {config.get(key)!r}, this graph computes {value!r} only")
        if config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError("config.json: only absolute position embeddings are supported")
        return BertShape(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            hidden=config["hidden_size"],
            epsilon=config["layer_norm_eps"],
        )


class BertGraph:
    """Collects nodes and weights; every node's first output carries the name given to it."""

    def __init__(self, shape: BertShape, weights: dict[str, np.ndarray]) -> None:
        self._shape = shape
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}

    def build(self, *, token_type_ids: bool = True, sentence_embedding: bool = False) -> onnx.ModelProto:
        """Returns the checked model.

        Inputs are int64 `[batch, tokens]`: input_ids, attention_mask and, if asked for, token_type_ids (without it
        the first row of the type table is added to every token). Outputs are float32 `last_hidden_state
        [batch, tokens, hidden]` and, if asked for, `sentence_embedding [batch, hidden]`: its mean over the mask.
        """
        hidden = self._embeddings(token_type_ids)
        mask = self._additive_mask()
        for layer in range(self._shape.layers):
            last = layer == self._shape.layers - 1
            hidden = self._layer(f"encoder.layer.{layer}", hidden, mask, "last_hidden_state" if last else None)
        outputs = [_value("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", self._shape.hidden])]
        if sentence_embedding:
            self._masked_mean(hidden)
            outputs.append(_value("sentence_embedding", TensorProto.FLOAT, ["batch", self._shape.hidden]))
        names = ["input_ids", "attention_mask"] + (["token_type_ids"] if token_type_ids else [])
        inputs = [_value(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
        graph = helper.make_graph(self._nodes, "bert", inputs, outputs, list(self._initializers.values()))
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="patina")
        onnx.checker.check_model(model, full_check=True)
        return model

    def _embeddings(self, token_type_ids: bool) -> str:
        words = self._node(
            "Gather", "embeddings.words", [self._weight("embeddings.word_embeddings.weight"), "input_ids"]
        )
        token_shape = self._node("Shape", "embeddings.shape", ["input_ids"])
        tokens = self._node("Slice", "embeddings.tokens", [token_shape, self._int64([1]), self._int64([2])])
        table = self._weight("embeddings.position_embeddings.weight")
        positions = self._node("Slice", "embeddings.positions", [table, self._int64([0]), tokens])
        types = "embeddings.token_type_embeddings.weight"
        if token_type_ids:
            segment = self._node("Gather", "embeddings.types", [self._weight(types), "token_type_ids"])
        else:
            segment = self._constant("embeddings.first_type", self._weights[types][0])
        added = self._node("Add", "embeddings.words_and_positions", [words, positions])
        added = self._node("Add", "embeddings.sum", [added, segment])
        return self._layer_norm("embeddings.LayerNorm", added, "embeddings.output")

    def _additive_mask(self) -> str:
        rows = self._node("Unsqueeze", "mask.rows", ["attention_mask", self._int64([1])])
        heads = self._node("Unsqueeze", "mask.heads", [rows, self._int64([2])])
        kept = self._node("Cast", "mask.kept", [heads], to=TensorProto.FLOAT)
        padding = self._node("Sub", "mask.padding", [self._constant("mask.one", np.float32(1)), kept])
        return self._node("Mul", "mask.added", [padding, self._constant("mask.forbidden", np.float32(FORBIDDEN))])

    def _layer(self, name: str, hidden: str, mask: str, output: str | None) -> str:
        size = self._shape.hidden // self._shape.heads
        attention = f"{name}.attention"
        split = self._int64([0, 0, self._shape.heads, size])
        parts = []
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            linear = self._linear(f"{attention}.self.{part}", hidden)
            heads = self._node("Reshape", f"{attention}.{part}.heads", [linear, split])
            parts.append(self._node("Transpose", f"{attention}.{part}", [heads], perm=order))
        query, key, value = parts
        scores = self._node("MatMul", f"{attention}.scores", [query, key])
        root = self._constant(f"attention.root_of_{size}", np.float32(np.sqrt(size)))
        scaled = self._node("Div", f"{attention}.scaled", [scores, root])
        masked = self._node("Add", f"{attention}.masked", [scaled, mask])
        shares = self._node("Softmax", f"{attention}.shares", [masked], axis=-1)
        context = self._node("MatMul", f"{attention}.context", [shares, value])
        joined = self._node("Transpose", f"{attention}.joined", [context], perm=[0, 2, 1, 3])
        flat = self._node("Reshape", f"{attention}.flat", [joined, self._int64([0, 0, self._shape.hidden])])
        attended = self._linear(f"{attention}.output.dense", flat)
        added = self._node("Add", f"{attention}.residual", [attended, hidden])
        middle = self._layer_norm(f"{attention}.output.LayerNorm", added, f"{attention}.output")
        wide = self._gelu(name, self._linear(f"{name}.intermediate.dense", middle))
        narrow = self._linear(f"{name}.output.dense", wide)
        added = self._node("Add", f"{name}.residual", [narrow, middle])
        return self._layer_norm(f"{name}.output.LayerNorm", added, output or f"{name}.output")

    def _gelu(self, name: str, value: str) -> str:
        """GELU(x) = x * (1 + erf(x / sqrt(2))) / 2, exact: the tanh approximation moves vectors by 5e-5."""
        scaled = self._node("Div", f"{name}.gelu.scaled", [value, self._constant("root_of_2", np.float32(np.sqrt(2)))])
        erf = self._node("Erf", f"{name}.gelu.erf", [scaled])
        raised = self._node("Add", f"{name}.gelu.raised", [erf, self._constant("one", np.float32(1))])
        product = self._node("Mul", f"{name}.gelu.product", [value, raised])
        return self._node("Mul", f"{name}.gelu", [product, self._constant("half", np.float32(0.5))])

    def _masked_mean(self, hidden: str) -> str:
        mask = self._node("Cast", "pooling.mask", ["attention_mask"], to=TensorProto.FLOAT)
        mask = self._node("Unsqueeze", "pooling.column", [mask, self._int64([2])])
        kept = self._node("Mul", "pooling.kept", [hidden, mask])
        total = self._node("ReduceSum", "pooling.total", [kept, self._int64([1])], keepdims=0)
        count = self._node("ReduceSum", "pooling.count", [mask, self._int64([1])], keepdims=0)
        return self._node("Div", "sentence_embedding", [total, count])

    def _linear(self, name: str, value: str) -> str:
        """The weight is stored as [in, out], the way MatMul reads it; Hugging Face stores [out, in]."""
        transposed = np.ascontiguousarray(self._weights[f"{name}.weight"].T)
        product = self._node("MatMul", f"{name}.product", [value, self._constant(f"{name}.weight", transposed)])
        return self._node("Add", name, [product, self._weight(f"{name}.bias")])

    def _layer_norm(self, name: str, value: str, output: str) -> str:
        inputs = [value, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self._node("LayerNormalization", output, inputs, axis=-1, epsilon=self._shape.epsilon)

    def _node(self, operator: str, output: str, inputs: list[str], **attributes: object) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _int64(self, values: list[int]) -> str:
        return self._constant("int64." + ".".join(map(str, values)), np.asarray(values, dtype=np.int64))

    def _constant(self, name: str, value: np.ndarray | np.generic) -> str:
        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name


def _value(name: str, kind: int, shape: list[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
