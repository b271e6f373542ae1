"""Prints texts of this machine's Python standard library as a JSON array: real code, nothing to ship.

    python3 texts.py functions|queries COUNT

`functions`: functions and methods, of mixed length. `queries`: first lines of their documentation, about ten tokens.
Those of the library's top-level modules, in the order of their files, COUNT of them at even distances; where these are
too few, those of its packages follow. The same ones at each run with the same Python, no two alike. Needs nothing but
Python itself.
"""

from __future__ import annotations

import ast
import json
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

# Not the library: what was installed beside it, and what tests it.
LEFT_OUT = {"site-packages", "test", "tests", "idle_test", "lib2to3", "__pycache__"}


def modules() -> tuple[list[Path], list[Path]]:
    """Top-level modules, and those of packages."""
    library = Path(sysconfig.get_path("stdlib"))
    below = [path for path in library.rglob("*.py") if not LEFT_OUT & set(path.relative_to(library).parts)]
    return sorted(library.glob("*.py")), sorted(path for path in below if path.parent != library)


def functions(paths: Iterable[Path]) -> list[str]:
    """The source text of every function, indentation kept."""
    found = []
    for path in paths:
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                found.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    return found


def queries(paths: Iterable[Path]) -> list[str]:
    """The first line of every function's documentation."""
    found = []
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            documentation = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
            if documentation:
                found.append(documentation.splitlines()[0].strip())
    return found


KINDS = {"functions": functions, "queries": queries}


def texts(kind: str, count: int) -> list[str]:
    """`count` texts at even distances."""
    top_level, packages = modules()
    found = list(dict.fromkeys(KINDS[kind](top_level)))
    if count > len(found):
        found = list(dict.fromkeys(found + KINDS[kind](packages)))
    if count < 1 or count > len(found):
        raise SystemExit(f"asked for {count} {kind}, this Python's standard library has {len(found)}")
    return [found[index * len(found) // count] for index in range(count)]


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS or not sys.argv[2].isdigit():
        raise SystemExit(__doc__)
    json.dump(texts(sys.argv[1], int(sys.argv[2])), sys.stdout)
