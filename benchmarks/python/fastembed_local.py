"""fastembed (Python) with a local model registered as a custom one, its defaults: batches of 256 in input order."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np  # noqa: E402
from fastembed import TextEmbedding  # noqa: E402  (offline has to be set before)
from fastembed.common.model_description import ModelSource, PoolingType  # noqa: E402

from contend import Embed, contend  # noqa: E402


def load(work: dict) -> Embed:
    model = work["model"]
    TextEmbedding.add_custom_model(
        model=f"local/{model['id']}",
        pooling=PoolingType.MEAN,
        normalization=True,
        sources=ModelSource(hf=f"local/{model['id']}"),
        dim=model["dimension"],
        model_file=model["weights"],
    )
    folder = Path(work["modelsFolder"]) / model["folder"]
    embedder = TextEmbedding(model_name=f"local/{model['id']}", specific_model_path=str(folder))
    return lambda texts: (np.stack(list(embedder.embed(texts))), None)


if __name__ == "__main__":
    contend(load)
