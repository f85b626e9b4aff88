"""Ids that chance would give, the same on every run: what two stores record can be compared."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def same_ids(seed: int) -> Iterator[None]:
    """Streams, stores and commands get theirs from `os.urandom`, which a seed stands in for."""
    with patch("os.urandom", random.Random(seed).randbytes):  # noqa: S311 - a game, no secret
        yield
