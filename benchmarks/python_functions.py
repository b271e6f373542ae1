"""Prints functions of this machine's Python standard library as a JSON array: real code of mixed length, nothing to ship.

    python3 python_functions.py COUNT

The functions (methods included) of the library's top-level modules, in the order of their files, COUNT of them at even
distances: the same ones at each run with the same Python. Needs nothing but Python itself.
"""

from __future__ import annotations

import ast
import json
import sys
import sysconfig
from pathlib import Path


def all_functions() -> list[str]:
    """The source text of every function of every module of the library, indentation kept."""
    found = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                found.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    return found


def functions(count: int) -> list[str]:
    """`count` functions at even distances."""
    found = all_functions()
    if count < 1 or count > len(found):
        raise SystemExit(f"asked for {count} functions, this Python's standard library has {len(found)}")
    return [found[index * len(found) // count] for index in range(count)]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        raise SystemExit(__doc__)
    json.dump(functions(int(sys.argv[1])), sys.stdout)
