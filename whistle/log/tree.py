"""The Merkle tree over the leaves, by its frontier (RFC 6962 section 2.1).

The frontier holds the roots of the full subtrees from left to right, one for each bit of the size:
with it a leaf is added, and the root is known, without reading any other leaf.
"""

import hashlib
from collections.abc import Callable, Sequence

Digest = Callable[[bytes], bytes]


def sha256(octets: bytes) -> bytes:
    """SHA-256, the hash of the tree that every store keeps."""
    return hashlib.sha256(octets).digest()


def sm3() -> Digest | None:
    """SM3 (GB/T 32905), where the platform's OpenSSL has it."""
    if "sm3" not in hashlib.algorithms_available:
        return None
    fresh = hashlib.new("sm3")  # a copy costs less than looking the name up anew

    def digest(octets: bytes) -> bytes:
        state = fresh.copy()
        state.update(octets)
        return state.digest()

    return digest


class Frontier:
    """A tree that grows leaf by leaf."""

    def __init__(self, size: int = 0, hashes: bytes = b"", digest: Digest = sha256) -> None:
        self.size = size
        self._digest = digest
        self._roots = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
        if size < 0 or len(self._roots) != size.bit_count() or len(hashes) % 32:
            raise ValueError(size)

    def add(self, leaf: bytes) -> None:
        """Take one more leaf."""
        below = self.size
        while below & 1:  # a full subtree of the same height stands to the left: join them
            leaf = self._digest(b"\x01" + self._roots.pop() + leaf)
            below >>= 1
        self._roots.append(leaf)
        self.size += 1

    @property
    def roots(self) -> Sequence[bytes]:
        """The roots of the full subtrees, from left to right."""
        return self._roots

    @property
    def hashes(self) -> bytes:
        """The frontier's bytes, as the head keeps them."""
        return b"".join(self._roots)

    @property
    def root(self) -> bytes:
        """The tree's root: what a witness signs."""
        return _root(self._roots, self._digest)


class Subtrees:
    """The greatest full subtrees over a run of leaves, wherever in the tree the run begins.

    Neighbouring runs join in any grouping: what comes out depends on the leaves alone. A run that
    begins with the first leaf is a frontier (Trillian and others call this a compact range).
    """

    def __init__(self, begin: int = 0) -> None:
        self.begin = self.end = begin
        self._roots: list[tuple[int, bytes]] = []  # with their heights, from left to right

    @classmethod
    def of(cls, begin: int, tree: Frontier) -> "Subtrees":
        """A run whose leaves were counted from 0; it begins where a tree of its size may begin."""
        run = cls(begin)
        heights = [h for h in reversed(range(tree.size.bit_length())) if tree.size >> h & 1]
        for height, root in zip(heights, tree.roots, strict=True):
            run.take(height, root)
        return run

    def take(self, height: int, root: bytes) -> None:
        """Take the full subtree that follows; a leaf has the height 0."""
        index = self.end >> height
        self.end += 1 << height
        while index & 1 and self._roots and self._roots[-1][0] == height:
            root = sha256(b"\x01" + self._roots.pop()[1] + root)
            height, index = height + 1, index >> 1
        self._roots.append((height, root))

    def join(self, other: "Subtrees") -> None:
        """Take the run that follows."""
        for height, root in other._roots:
            self.take(height, root)

    @property
    def hashes(self) -> bytes:
        """The bytes of a frontier, of a run that begins with the first leaf."""
        return b"".join(root for _height, root in self._roots)


def _root(roots: Sequence[bytes], digest: Digest) -> bytes:
    if not roots:
        return digest(b"")
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = digest(b"\x01" + left + root)
    return root
