"""Random weights of the architectures, by the names that the published files have for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

import numpy as np


def generator(name: str) -> np.random.Generator:
    """Draws the same numbers for a name each time."""
    return np.random.Generator(np.random.PCG64(crc32(name.encode())))


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

    def shape(self, name: str) -> tuple[int, ...]:
        return self._drawn[name][0]

    def scale(self, name: str) -> float:
        """The standard deviation of the numbers called `name`."""
        return self._drawn[name][1]

    def __getitem__(self, name: str) -> np.ndarray:
        shape, scale, centre = self._drawn[name]
        numbers = generator(name).standard_normal(shape, dtype=np.float32)
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
