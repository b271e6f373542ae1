"""Prints where ONNX Runtime's time goes by operator, as JSON: its own profile of the hand-tuned runs on one thread.

    python profile_operators.py WORK_FILE

Takes the work file of a contender; shares are of the time inside operators, after one run that is not counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import onnxruntime as ort
from tokenizers import Tokenizer

from hand_tuned import BEST, batches, run_batch


def main(work_file: str) -> None:
    work = json.loads(Path(work_file).read_text(encoding="utf-8"))
    model = work["model"]
    folder = Path(work["modelsFolder"]) / model["folder"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(model["maxTokens"])
    tokenizer.no_padding()
    encodings = tokenizer.encode_batch_fast(work["texts"])
    lengths = [len(encoding) for encoding in encodings]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as scratch:
        options.profile_file_prefix = str(Path(scratch) / "profile")
        session = ort.InferenceSession(str(folder / model["weights"]), options, providers=["CPUExecutionProvider"])
        for rows in batches(lengths, BEST[model["id"]]):
            run_batch(session, [encodings[row] for row in rows])
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    print(json.dumps(shares(events)))


def shares(events: list[dict]) -> dict[str, float]:
    """The share of each operator, greatest first."""
    runs = [event["ts"] for event in events if event["name"] == "model_run"]
    first_end = sorted(runs)[1] if len(runs) > 1 else 0
    spent: Counter[str] = Counter()
    for event in events:
        if event["cat"] == "Node" and event["ts"] >= first_end and event["name"].endswith("_kernel_time"):
            spent[event["args"]["op_name"]] += event["dur"]
    total = sum(spent.values())
    return {name: duration / total for name, duration in spent.most_common()}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
