#!/usr/bin/env python3
"""What the module is for."""

from __future__ import annotations

import os.path, sys as system
import collections.abc
from typing import Any, Callable as C
from . import sibling
from ..package.module import *
from .other import (
    first,
    second as other,
)

LIMIT = 10
size: int = 3
first_one = second_one = None
(left, right) = 1, 2


def plain(a, b=os.path.join("a", "b")):
    # A comment is no documentation.
    return max(a, b)


@decorator
@module.decorator(with_argument=1)
async def fetch(url: str, *, timeout: float = 1.0) -> bytes:
    """Fetches.

    And says more.
    """
    def inner(x):
        '''Of the inside.'''
        return lambda y: x(y)

    local = 1
    async with session.get(url) as response:
        return await inner(response.read())(timeout)


# Above a class.
class Index(dict[str, Any], metaclass=Meta):
    r"""An index of \things."""

    limit = LIMIT
    __slots__ = ()

    class Inner:
        def deep(self): return super().deep()

    # Above a method.
    @property
    def size(self) -> int:
        "Short."
        return len(self)

    @size.setter
    def size(self, value): self._size = value

    @staticmethod
    def of(text): return Index(x.strip() for x in text.split())


if system.platform == "win32":
    def platform(): return "windows"
    INSIDE = 1
else:
    def platform():
        """Not Windows."""
        raise NotImplementedError(f"{first_one!r} {other(1)}")

try:
    import fast
except ImportError:
    fast = None

match LIMIT:
    case 10:
        def in_case(): pass

data = {"key": [plain(1, 2) for _ in range(3)]}
print(data, file=system.stderr)


def last(
    # A comment in the parameters.
    a,
):
    return a[0]()(1)
