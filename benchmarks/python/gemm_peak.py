"""Prints the float32 matrix-product rate of this machine, operations a second, as JSON by library.

Two independent measurements bound what a contender can reach: each library's own threads on a large square product,
and ONNX Runtime's kernels on the shape of MiniLM's feed-forward layer, one product a thread as the engines run them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

SECONDS = 2.0
SIZE = 2048
# Tokens of a batch, and MiniLM's hidden and feed-forward width.
ROWS, INNER, WIDTH = 512, 384, 1536


def rate(operations: float, run: Callable[[], object]) -> float:
    """The best of the products within two seconds: a peak, which others' work can only lower."""
    run()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return operations / best


def onnxruntime_products(threads: int) -> float:
    """Products a call: many, or handing them to the threads would be measured too."""
    calls = 200
    weights = np.random.default_rng(0).standard_normal((INNER, WIDTH), dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [ROWS, INNER])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [ROWS, WIDTH])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {"x": np.random.default_rng(1).standard_normal((ROWS, INNER), dtype=np.float32)}

    def products(_: int) -> None:
        for _ in range(calls):
            session.run(None, feed)

    with ThreadPoolExecutor(threads) as pool:
        operations = 2.0 * ROWS * INNER * WIDTH * calls * threads
        return rate(operations, lambda: list(pool.map(products, range(threads))))


def main() -> None:
    threads = os.cpu_count() or 1
    left = np.random.default_rng(0).standard_normal((SIZE, SIZE), dtype=np.float32)
    torch.set_num_threads(threads)
    tensor = torch.from_numpy(left)
    square = 2.0 * SIZE**3
    rates = {
        "numpy (OpenBLAS)": rate(square, lambda: left @ left),
        "torch": rate(square, lambda: tensor @ tensor),
        "ONNX Runtime": onnxruntime_products(threads),
    }
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
