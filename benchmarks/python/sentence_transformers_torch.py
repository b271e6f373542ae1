"""sentence-transformers as its documentation shows it: torch on the CPU, float32, batches of 32, sorted by length."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from sentence_transformers import SentenceTransformer  # noqa: E402  (offline has to be set before)

from contend import Embed, contend  # noqa: E402


def load(work: dict) -> Embed:
    folder = Path(work["modelsFolder"]) / work["model"]["folder"]
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = work["model"]["maxTokens"]
    return lambda texts: (model.encode(texts, show_progress_bar=False), None)


if __name__ == "__main__":
    contend(load)
