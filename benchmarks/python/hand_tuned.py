"""ONNX Runtime tuned by hand: what an expert with time and the `tokenizers` package gets out of the same file.

Tokenizing (parallel, in Rust), sorting by length, batches of a token budget, worker threads, pooling. `BEST` holds the
configuration of each model, chosen by hand; the sweep (`bun run bench sweep`) tries others, which a work file names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

# Pooling is a small product: it must not wake a second pool of threads beside the workers. Read when numpy loads.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import onnxruntime as ort  # noqa: E402
from tokenizers import Encoding, Tokenizer  # noqa: E402

from contend import Embed, contend  # noqa: E402


@dataclass(frozen=True)
class Configuration:
    """What the sweep turns."""

    sessions: int = 1
    workers: int = 2  # threads that call run; with fewer sessions than workers, they share
    intra_threads: int = 1  # of each session
    budget: int = 512  # padded tokens of a batch; 0: one text a run
    sort: bool = True
    spinning: bool = False
    memory_pattern: bool = False
    arena: bool = True
    # Its kernel is slower on a CPU than the sum and the normalisation that it replaces.
    fuse_skip_layer_norm: bool = True


BEST = {
    "minilm-fp32": Configuration(),
    "minilm-int8": Configuration(budget=0, fuse_skip_layer_norm=False),
    "minilm-int8-weights": Configuration(fuse_skip_layer_norm=False),
    "e5-base-fp32": Configuration(),
    # One text of thousands of tokens has to use both cores; a model of this size keeps two threads busy.
    "qwen3-0.6b-fp32": Configuration(workers=1, intra_threads=2),
}


def load(work: dict) -> Embed:
    model = work["model"]
    named = work.get("configuration")
    configuration = BEST[model["id"]] if named is None else Configuration(**named)
    folder = Path(work["modelsFolder"]) / model["folder"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(model["maxTokens"])
    tokenizer.no_padding()
    sessions = [open_session(folder / model["weights"], configuration) for _ in range(configuration.sessions)]
    workers = ThreadPoolExecutor(configuration.workers)
    turn = count()

    def embed(texts: list[str]) -> tuple[np.ndarray, list[int]]:
        encodings = tokenizer.encode_batch_fast(texts)
        vectors = np.empty((len(texts), model["dimension"]), dtype=np.float32)

        def run(rows: list[int]) -> None:
            session = sessions[next(turn) % len(sessions)]
            hidden, lengths = run_batch(session, [encodings[row] for row in rows])
            vectors[rows] = pooled(hidden, lengths, model["pooling"])

        for _ in workers.map(run, batches([len(encoding) for encoding in encodings], configuration)):
            pass
        return vectors, [len(encoding) for encoding in encodings]

    return embed


def open_session(path: Path, configuration: Configuration) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = configuration.intra_threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = configuration.memory_pattern
    options.enable_cpu_mem_arena = configuration.arena
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if configuration.spinning else "0")
    disabled = [] if configuration.fuse_skip_layer_norm else ["SkipLayerNormFusion"]
    return ort.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=disabled
    )


def batches(lengths: list[int], configuration: Configuration) -> Iterator[list[int]]:
    """Rows that run together: longest first, so that no long batch is left for the end."""
    rows = list(range(len(lengths)))
    if configuration.sort:
        rows.sort(key=lambda row: -lengths[row])
    batch: list[int] = []
    width = 0
    for row in rows:
        width = max(width, lengths[row])
        if batch and width * (len(batch) + 1) > configuration.budget:
            yield batch
            batch, width = [], lengths[row]
        batch.append(row)
    if batch:
        yield batch


def run_batch(session: ort.InferenceSession, encodings: list[Encoding]) -> tuple[np.ndarray, list[int]]:
    """The last hidden states [texts, tokens, hidden] of texts padded to the longest, and their lengths."""
    lengths = [len(encoding) for encoding in encodings]
    shape = (len(encodings), max(lengths))
    feeds = {value.name: empty_input(value, shape) for value in session.get_inputs()}
    for row, encoding in enumerate(encodings):
        feeds["input_ids"][row, : lengths[row]] = encoding.ids
        feeds["attention_mask"][row, : lengths[row]] = 1
    if "position_ids" in feeds:
        feeds["position_ids"][:] = np.arange(shape[1])
    (hidden,) = session.run(["last_hidden_state"], feeds)
    return hidden, lengths


def empty_input(value: ort.NodeArg, shape: tuple[int, int]) -> np.ndarray:
    """Zeros in the shape of the batch; for past keys and values no tokens at all."""
    if not value.name.startswith("past_key_values"):
        return np.zeros(shape, dtype=np.int64)
    _, heads, _, size = value.shape
    return np.zeros((shape[0], heads, 0, size), dtype=np.float32)


def pooled(hidden: np.ndarray, lengths: list[int], pooling: str) -> np.ndarray:
    """Vectors of unit length: the mean over a text's tokens, or its last token's."""
    rows = [states[:length] for states, length in zip(hidden, lengths, strict=True)]
    vectors = np.stack([states.mean(axis=0) if pooling == "mean" else states[-1] for states in rows])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    contend(load)
