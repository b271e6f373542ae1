"""Random weights as safetensors: in float32, in bfloat16, or packed into 4 bits as MLX's tools lay them out.

A file is written from front to back, a tensor at a time, so that an 8B model takes the memory of its largest matrix.
Packed weights are drawn as they lie in the file: no float model stands behind them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from random_weights import RandomWeights, generator

BITS = 4
GROUP_SIZE = 64
# Numbers of 4 bits drawn evenly: their mean, and how far they scatter about it.
CENTRE = (2**BITS - 1) / 2
SPREAD = math.sqrt((4**BITS - 1) / 12)


@dataclass(frozen=True)
class Tensor:
    """An entry of a file; `draw` gives its numbers when they are written."""

    name: str
    dtype: str  # as the format calls it
    shape: tuple[int, ...]
    draw: Callable[[], np.ndarray]

    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * {"F32": 4, "U32": 4, "BF16": 2}[self.dtype]


def bfloat16(numbers: np.ndarray) -> np.ndarray:
    """Rounded to the nearest, ties to even; as the upper half of a float32 in 16 bits, since NumPy has no such type."""
    bits = np.ascontiguousarray(numbers, dtype=np.float32).view(np.uint32)
    odd = (bits >> 16) & 1
    return ((bits + np.uint32(0x7FFF) + odd) >> 16).astype("<u2")


def float32_tensors(weights: RandomWeights) -> Iterator[Tensor]:
    for name in weights:
        yield Tensor(name, "F32", weights.shape(name), lambda name=name: weights[name].astype("<f4", copy=False))


def bfloat16_tensors(weights: RandomWeights) -> Iterator[Tensor]:
    for name in weights:
        yield Tensor(name, "BF16", weights.shape(name), lambda name=name: bfloat16(weights[name]))


def packed_tensors(weights: RandomWeights) -> Iterator[Tensor]:
    """Every matrix in 4 bits, every vector in bfloat16, under the names that MLX's conversions give them."""
    for name in weights:
        shape = weights.shape(name)
        if len(shape) == 1:
            yield Tensor(f"model.{name}", "BF16", shape, lambda name=name: bfloat16(weights[name]))
            continue
        module = f"model.{name.removesuffix('.weight')}"
        rows, columns = shape
        words, groups = (rows, columns * BITS // 32), (rows, columns // GROUP_SIZE)
        step = weights.scale(name) / SPREAD
        yield Tensor(f"{module}.weight", "U32", words, lambda module=module, words=words: random_words(module, words))
        for part, factor in (("scales", 1.0), ("biases", -CENTRE)):
            yield Tensor(
                f"{module}.{part}",
                "BF16",
                groups,
                lambda module=module, groups=groups, step=step, factor=factor: bfloat16(
                    random_steps(module, groups, step) * np.float32(factor)
                ),
            )


def random_words(module: str, shape: tuple[int, int]) -> np.ndarray:
    return generator(f"{module}.weight").integers(0, 2**32, shape, dtype="<u4")


def random_steps(module: str, shape: tuple[int, int], step: float) -> np.ndarray:
    """The step between two neighbouring numbers of each group, which differs by a few percent from one to the next."""
    scatter = generator(f"{module}.scales").uniform(0.95, 1.05, shape).astype(np.float32)
    return scatter * np.float32(step)


def write_safetensors(path: Path, tensors: Iterator[Tensor]) -> None:
    listed = list(tensors)
    header: dict[str, object] = {"__metadata__": {"format": "mlx"}}
    end = 0
    for tensor in listed:
        begin, end = end, end + tensor.size()
        header[tensor.name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of 8, as the reference implementation has it
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for tensor in listed:
            numbers = tensor.draw()
            if numbers.shape != tensor.shape or numbers.nbytes != tensor.size():
                raise ValueError(f"{tensor.name}: {numbers.dtype} {numbers.shape} drawn for {tensor.shape}")
            numbers.tofile(file)
