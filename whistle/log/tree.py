"""The Merkle tree over the leaves, by its frontier (RFC 6962 section 2.1).

The frontier holds the roots of the full subtrees from left to right, one for each bit of the size:
with it a leaf is added, and the root is known, without reading any other leaf.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows leaf by leaf."""

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        self.size = size
        self._roots = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
        if size < 0 or len(self._roots) != size.bit_count() or len(hashes) % 32:
            raise ValueError(size)

    def add(self, leaf: bytes) -> None:
        """Take one more leaf."""
        below = self.size
        while below & 1:  # a full subtree of the same height stands to the left: join them
            leaf = node(self._roots.pop(), leaf)
            below >>= 1
        self._roots.append(leaf)
        self.size += 1

    @property
    def hashes(self) -> bytes:
        """The frontier's bytes, as the head keeps them."""
        return b"".join(self._roots)

    @property
    def root(self) -> bytes:
        """The tree's root: what a witness signs."""
        return _root(self._roots)


def _root(roots: Sequence[bytes]) -> bytes:
    if not roots:
        return EMPTY_ROOT
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node(left, root)
    return root
