"""What the Python programs under measurement share: the twin of contender.ts, which documents the fields."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

# Takes texts; returns the vectors [texts, dimension] in float32, and the tokens of each text where they are known.
Embed = Callable[[list[str]], tuple[np.ndarray, list[int] | None]]


def contend(load: Callable[[dict], Embed]) -> None:
    """Runs the work of this process and prints what it measured as one line of JSON."""
    with open(sys.argv[1], encoding="utf-8") as file:
        work = json.load(file)
    embed = load(work)
    texts, warm_up = work["texts"], work["warmUp"]
    if work["task"] == "start":
        report = {"embedding": embed(texts[:1])[0][0].tolist()}
    elif work["task"] == "latency":
        report = {"milliseconds": alone(embed, texts, warm_up)}
    else:
        report = run_pass(embed, texts, warm_up, work["vectorsFile"])
    print(json.dumps(report), flush=True)


def run_pass(embed: Embed, texts: list[str], warm_up: int, vectors_file: str) -> dict:
    embed(texts[:warm_up])
    cpu = processor_seconds()
    start = time.perf_counter()
    vectors, tokens = embed(texts)
    seconds = time.perf_counter() - start
    cpu = processor_seconds() - cpu
    np.ascontiguousarray(vectors, dtype=np.float32).tofile(vectors_file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "cpuSeconds": cpu, "peakBytes": peak, "tokens": tokens}


def alone(embed: Embed, texts: list[str], warm_up: int) -> list[float]:
    """Milliseconds of each text, one after another with nothing else to do."""
    milliseconds = []
    for text in [*texts[:warm_up], *texts]:
        start = time.perf_counter()
        embed([text])
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds[warm_up:]


def processor_seconds() -> float:
    """Processor time of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
